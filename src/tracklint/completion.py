"""Completion scripts for shells, written from the parsers of the command line, so that they name what those know."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

SHELLS = ("bash", "zsh", "fish")

# What stands for a value in the help, and what may be put there: lists of words by name, and files.
VALUES: Mapping[str, tuple[str, ...]] = {
    "FORMAT": ("formats",),
    "CODES": ("codes",),
    "SERVICE": ("services",),
    "CODE|SERVICE|PATH:LINE": ("codes", "services", "files"),
    "FILE": ("files",),
    "PATH": ("files",),
}


@dataclass(frozen=True)
class _Argument:
    names: tuple[str, ...]  # empty: not an option
    help: str
    value: str  # what stands for its value; "" for a switch
    choices: tuple[str, ...]
    repeats: bool


@dataclass(frozen=True)
class _Command:
    name: str  # "" for the check
    help: str
    arguments: tuple[_Argument, ...]

    @property
    def options(self) -> tuple[_Argument, ...]:
        return tuple(one for one in self.arguments if one.names)

    @property
    def place(self) -> _Argument | None:
        """What stands without an option."""
        return next((one for one in self.arguments if not one.names), None)


def script(
    shell: str,
    check: ArgumentParser,
    commands: Mapping[str, tuple[str, ArgumentParser]],
    words: Mapping[str, Iterable[str]],
) -> str:
    """The script of one of `SHELLS`. `commands` maps names to help and parser, `words` the lists named in `VALUES`."""
    read = [_command("", "", check), *(_command(name, help, parser) for name, (help, parser) in commands.items())]
    lists = {name: tuple(found) for name, found in words.items()}
    lines = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](read, lists)
    return "\n".join(lines) + "\n"


def _command(name: str, help: str, parser: ArgumentParser) -> _Command:
    arguments = []
    for action in parser._actions:  # argparse has no other way to ask
        value = "" if action.nargs == 0 else str(action.metavar or action.dest.upper())
        repeats = type(action).__name__ == "_AppendAction" or action.nargs == "*"
        choices = tuple(map(str, action.choices or ()))
        text = " ".join((action.help or "").split())
        arguments.append(_Argument(tuple(action.option_strings), text, value, choices, repeats))
    return _Command(name, help, tuple(arguments))


# ---------------------------------------------------------------------------------------------------------------- bash

_BASH = """\
    local line=${COMP_LINE:0:COMP_POINT} cur before previous command="" known="" strip="" IFS=$' \\t\\n'
    cur=${line##*[[:space:]]}
    before=(${line%"$cur"})
    previous=${before[${#before[@]}-1]}
    if [ ${#before[@]} -gt 1 ]; then command=${before[1]}; fi
    # Readline replaces only what follows the last = or colon of a word.
    case $cur in
        --*=*) previous=${cur%%=*}; cur=${cur#*=} ;;
        *:*) case $COMP_WORDBREAKS in *:*) strip=${cur%:*}: ;; esac ;;
    esac"""


def _bash(commands: list[_Command], lists: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    yield "# bash completion for tracklint; written by `tracklint completion bash`"
    yield "_tracklint() {"
    yield _BASH
    for name, words in lists.items():
        yield f'    local {name}="{" ".join(words)}"'
    names = " ".join(one.name for one in commands if one.name)
    yield "    case $command in"
    yield f"        {names.replace(' ', '|')}) ;;"
    yield '        *) command="" ;;'
    yield "    esac"
    yield '    case "$command $previous" in'
    for command in commands:
        for option in command.options:
            if option.value:
                patterns = "|".join(f'"{command.name} {name}"' for name in option.names)
                yield f"        {patterns}) known={_bash_words(option)} ;;"
    yield '        *) case "$command $cur" in'
    for command in commands:
        options = " ".join(name for option in command.options for name in option.names)
        yield f'            "{command.name} -"*) known="{options}" ;;'
        place = command.place
        if place is not None and command.name:
            yield f'            "{command.name} "*) known={_bash_words(place)} ;;'
    yield f'            *) if [ ${{#before[@]}} -eq 1 ]; then known="{names}"; fi ;;'
    yield "        esac ;;"
    yield "    esac"
    yield "    IFS=$'\\n'"
    yield '    COMPREPLY=($(IFS=$\' \\t\\n\'; compgen -W "$known" -- "$cur"))'
    yield '    COMPREPLY=("${COMPREPLY[@]#"$strip"}")'
    yield "}"
    # With no word of its own readline completes files.
    yield "complete -o bashdefault -o default -F _tracklint tracklint"


def _bash_words(argument: _Argument) -> str:
    words = [*argument.choices, *(f"${name}" for name in VALUES.get(argument.value, ()) if name != "files")]
    return f'"{" ".join(words)}"'


# ----------------------------------------------------------------------------------------------------------------- zsh


def _zsh(commands: list[_Command], lists: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    yield "#compdef tracklint"
    yield "# zsh completion for tracklint; written by `tracklint completion zsh`"
    for name, words in lists.items():
        yield f"_tracklint_{name}() {{ compadd -- {' '.join(words)} }}"
    both: dict[tuple[str, ...], str] = {}
    for sources in VALUES.values():
        if len(sources) > 1:
            both[sources] = f"_tracklint_{'_or_'.join(sources)}"
    for sources, name in both.items():
        calls = "; ".join("_files" if one == "files" else f"_tracklint_{one}" for one in sources)
        yield f"{name}() {{ {calls} }}"
    yield "_tracklint_commands() {"
    yield "    local -a commands=("
    for command in commands[1:]:
        yield f"        {_quoted(f'{command.name}:{command.help}')}"
    yield "    )"
    yield "    _describe command commands"
    yield "}"
    yield "_tracklint_path() { (( CURRENT == 2 )) && _tracklint_commands; _files }"
    yield "_tracklint() {"
    yield "    local command=$words[2]"
    yield "    case $command in"
    for command in [*commands[1:], commands[0]]:
        if command.name:
            yield f"        {command.name})"
            yield "            (( CURRENT > 2 )) || { _tracklint_path; return }"
            yield "            shift words; (( CURRENT-- ))"
        else:
            yield "        *)"
        yield "            _arguments -S \\"
        specs = [spec for argument in command.arguments for spec in _zsh_specs(argument, both, command)]
        yield " \\\n".join(f"                {spec}" for spec in specs)
        yield "            ;;"
    yield "    esac"
    yield "}"
    yield 'if [[ $funcstack[1] == _tracklint ]]; then _tracklint "$@"; else compdef _tracklint tracklint; fi'


def _zsh_specs(argument: _Argument, both: Mapping[tuple[str, ...], str], command: _Command) -> Iterator[str]:
    sources = VALUES.get(argument.value, ())
    if argument.choices:
        action = f"({' '.join(argument.choices)})"
    elif not argument.names and not command.name:
        action = "_tracklint_path"
    elif sources in both:
        action = both[sources]
    elif sources:
        action = "_files" if sources == ("files",) else f"_tracklint_{sources[0]}"
    else:
        action = " "
    value = re.sub(r"([:\\])", r"\\\1", argument.value.lower())
    if not argument.names:
        yield _quoted(f"{'*' if argument.repeats else ''}:{value}:{action}")
        return
    text = re.sub(r"([\[\]\\])", r"\\\1", argument.help)
    for name in argument.names:
        if argument.value:
            yield _quoted(f"{'*' if argument.repeats else ''}{name}=[{text}]:{value}:{action}")
        else:
            yield _quoted(f"{name}[{text}]")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# ---------------------------------------------------------------------------------------------------------------- fish


def _fish(commands: list[_Command], lists: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    yield "# fish completion for tracklint; written by `tracklint completion fish`"
    for name, words in lists.items():
        yield f"set -g __tracklint_{name} {' '.join(words)}"
    names = " ".join(one.name for one in commands if one.name)
    yield "function __tracklint_command"
    yield "    set -l words (commandline -opc)"
    yield f"    contains -- \"$words[2]\" {names}; and echo $words[2]; or echo ''"
    yield "end"
    yield 'function __tracklint_in; test (__tracklint_command) = "$argv"; end'
    yield "function __tracklint_first; test (count (commandline -opc)) -eq 1; end"
    for command in commands:
        if command.name:
            yield f"complete -c tracklint -n __tracklint_first -a {command.name} -d {_fish_quoted(command.help)}"
        condition = f"-n '__tracklint_in \"{command.name}\"'"
        for argument in command.arguments:
            sources = VALUES.get(argument.value, ())
            known = [*argument.choices, *(f"$__tracklint_{name}" for name in sources if name != "files")]
            given = f' -a "{" ".join(known)}"' if known else ""
            files = "" if "files" in sources else " -f"
            if not argument.names:
                if given:
                    yield f"complete -c tracklint {condition}{files}{given}"
                continue
            flags = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in argument.names)
            needed = (" -r" + files + given) if argument.value else ""
            yield f"complete -c tracklint {condition} {flags}{needed} -d {_fish_quoted(argument.help)}"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
