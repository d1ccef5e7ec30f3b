"""Stubs of JavaScript and TypeScript: declarations that promise something and do nothing."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_NOT_IMPLEMENTED = re.compile(rb"not.{0,3}implemented|unimplemented|\bto.?do\b", re.IGNORECASE)
_FUNCTIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "method_definition",
        "arrow_function",
        "function_expression",
    }
)
_SIGNATURES = frozenset({"function_signature", "abstract_method_signature", "method_signature"})
_CLASSES = frozenset({"class_declaration", "abstract_class_declaration"})


def is_stub(node: "Node") -> bool:
    """Whether a whole declaration, with its `export`, is a stub."""
    if node.type == "export_statement":
        declared = node.child_by_field_name("declaration")
        return declared is not None and is_stub(declared)
    if node.type in _CLASSES:
        return _is_stub_class(node)
    if node.type == "lexical_declaration":
        declarators = [child for child in node.named_children if child.type != "comment"]
        value = declarators[0].child_by_field_name("value") if len(declarators) == 1 else None
        return value is not None and value.type in _FUNCTIONS and _is_stub_function(value)
    declared_here = node.type in _FUNCTIONS - {"arrow_function", "function_expression"}
    return node.type in _SIGNATURES or (declared_here and _is_stub_function(node))


def _is_stub_function(node: "Node") -> bool:
    body = node.child_by_field_name("body")
    if body is None or body.type != "statement_block" or _declares_fields(node):
        return False
    statements = [child for child in body.named_children if child.type != "comment"][:2]
    if not statements:
        return True
    text = statements[0].text or b""
    return (
        len(statements) == 1
        and statements[0].type == "throw_statement"
        and len(text) < 500
        and bool(_NOT_IMPLEMENTED.search(text))
    )


def _declares_fields(node: "Node") -> bool:
    """`constructor(private rows: Row[]) {}` does something, though its body is empty."""
    parameters = node.child_by_field_name("parameters")
    return parameters is not None and any(
        part.type in ("accessibility_modifier", "readonly")
        for parameter in parameters.named_children
        for part in parameter.children
    )


def _is_stub_class(node: "Node") -> bool:
    body = node.child_by_field_name("body")
    if body is None:
        return False
    members = [child for child in body.named_children if child.type != "comment"]
    has_parent = any(child.type == "class_heritage" for child in node.children)
    if not members:
        return not has_parent
    return all(is_stub(member) for member in members)
