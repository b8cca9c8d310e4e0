"""What a function gives back before any choice: its statements in order, both branches where a condition is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tree_sitter import Node

from tracklint.consent.world import FREE, Abstract, join, known
from tracklint.script import nth_child

Evaluate: TypeAlias = Callable[[Node], Abstract]

_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement", "labeled_statement"})
_MAX_DEPTH = 30
_MAX_STATEMENTS = 400


@dataclass(frozen=True)
class Outcome:
    """`value` joins all that may be returned; `expression` is what is returned where that is always the same, written out.

    `settled` tells that a missing choice closed one of the branches.
    """

    value: Abstract
    expression: Node | None
    settled: bool


def outcome_of(function: Node, evaluate: Evaluate) -> Outcome:
    """The outcome of a call. `evaluate` knows the parameters."""
    body = function.child_by_field_name("body")
    if body is None:
        return Outcome(FREE, None, False)
    if body.type != "statement_block":
        return Outcome(evaluate(body), body, False)
    run = _Run(evaluate)
    completes = run.block(body, 0)
    values = [value for _, value in run.returned]
    if completes and values:
        values.append(known(None))
    written = {expression.id: expression for expression, value in run.returned if expression and value.kind != "absent"}
    alone = next(iter(written.values())) if len(written) == 1 else None
    return Outcome(join(values) if values else FREE, alone, run.settled)


@dataclass
class _Run:
    evaluate: Evaluate
    returned: list[tuple[Node | None, Abstract]] = field(default_factory=list)
    settled: bool = False

    def block(self, block: Node, depth: int) -> bool:
        """Collects what a block returns; False when it never runs to its end."""
        if depth > _MAX_DEPTH or block.named_child_count > _MAX_STATEMENTS:
            return self.anything()
        for statement in block.named_children:
            kind = statement.type
            if kind in ("return_statement", "throw_statement", "if_statement"):
                if not self.branch(statement, depth):
                    return False
            elif kind in _LOOPS:
                body = statement.child_by_field_name("body")
                iterated = statement.child_by_field_name("right")
                if body is not None and (iterated is None or self.evaluate(iterated).kind != "absent"):
                    self.branch(body, depth)
            elif kind == "try_statement":
                begun = len(self.returned)
                body = statement.child_by_field_name("body")
                completes = self.block(body, depth + 1) if body is not None else True
                handler = statement.child_by_field_name("handler")
                caught = handler.child_by_field_name("body") if handler is not None else None
                if caught is not None:
                    completes = self.block(caught, depth + 1) or completes
                last = nth_child(statement, -1)
                if last is not None and last.type == "finally_clause":
                    overruled = len(self.returned)
                    finished = last.child_by_field_name("body")
                    if finished is not None and not self.block(finished, depth + 1):
                        del self.returned[begun:overruled]
                        return False
                if not completes:
                    return False
            elif kind == "switch_statement":
                switch = statement.child_by_field_name("body")
                for case in switch.named_children if switch is not None else ():
                    self.block(case, depth + 1)
            elif kind == "statement_block" and not self.block(statement, depth + 1):
                return False
        return True

    def anything(self) -> bool:
        """Stands for what is too much to follow."""
        self.returned.append((None, FREE))
        return True

    def branch(self, statement: Node, depth: int) -> bool:
        """As `block`, for one statement."""
        if statement.type == "statement_block":
            return self.block(statement, depth + 1)
        if statement.type == "return_statement":
            expression = nth_child(statement, 0)
            self.returned.append((expression, self.evaluate(expression) if expression is not None else known(None)))
            return False
        if statement.type == "if_statement":
            return self._if(statement, depth + 1) if depth <= _MAX_DEPTH else self.anything()
        return statement.type != "throw_statement"

    def _if(self, statement: Node, depth: int) -> bool:
        condition = statement.child_by_field_name("condition")
        consequence = statement.child_by_field_name("consequence")
        alternative = statement.child_by_field_name("alternative")
        if alternative is not None and alternative.type == "else_clause":
            alternative = nth_child(alternative, 0)
        held = self.evaluate(condition) if condition is not None else FREE
        self.settled = self.settled or (held.consent and held.truth is not None)
        completes = False
        if held.truth is not False and consequence is not None:
            completes = self.branch(consequence, depth)
        if held.truth is not True:
            completes = (self.branch(alternative, depth) if alternative is not None else True) or completes
        return completes
