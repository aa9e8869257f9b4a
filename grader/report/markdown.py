"""Write untrusted text as Markdown."""

from __future__ import annotations

from grader.report.text import safe_text


def code_block(content: str, language: str = "text") -> str:
    """A fenced block; the fence is longer than any row of backticks inside."""
    longest = run = 0
    for character in content:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{safe_lines(content)}\n{fence}"


_MARKDOWN = str.maketrans({one: f"\\{one}" for one in "\\*_{}[]<>()#+-.!|~&@"})


def inline(words: str) -> str:
    """Text in Markdown: what is in backticks becomes code, in which only `|` has a meaning to a table."""
    quoted = words.split("`")
    if len(quoted) % 2 == 0:
        return safe_text(words).translate(_MARKDOWN).replace("`", "\\`")
    made = [
        f"`{safe_text(piece)}`".replace("|", "\\|") if number % 2 and piece else safe_text(piece).translate(_MARKDOWN)
        for number, piece in enumerate(quoted)
    ]
    return "".join(made)


def safe_lines(words: str) -> str:
    """Text of several lines, each safe in itself."""
    return "\n".join(safe_text(line) for line in words.split("\n"))
