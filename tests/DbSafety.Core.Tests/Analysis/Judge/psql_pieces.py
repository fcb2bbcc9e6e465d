"""Cuts a script where psql would: what it sends to the server, and where. By psql's manual and its scanner's rules (psqlscan.l)."""
import re

TOKEN = re.compile(r"""
    (?P<blank>[ \t\n\r\f\v]+)
  | (?P<line_comment>--[^\n\r]*)
  | (?P<block_comment>/\*)
  | (?P<dollar>\$(?:[A-Za-z\x80-\U0010ffff_][A-Za-z0-9\x80-\U0010ffff_]*)?\$)
  | (?P<escape_text>[eE]'(?:[^'\\]|\\.|'')*(?:'|\\?\Z))
  | (?P<text>(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|\Z))
  | (?P<name>(?:[uU]&)?"(?:[^"]|"")*(?:"|\Z))
  | (?P<word>[A-Za-z\x80-\U0010ffff_][A-Za-z0-9\x80-\U0010ffff_$]*)
  | (?P<number>[0-9][0-9A-Za-z_.]*)
  | (?P<variable>:\{\?[A-Za-z0-9_]+\}|:(?!:)(?P<quote>['"]?)[A-Za-z0-9_\x80-\U0010ffff]+(?P=quote))
  | (?P<cast>::)
  | (?P<escaped_mark>\\[;:])
  | (?P<command>\\)
  | (?P<mark>[();])
  | (?P<other>.)
""", re.X | re.S)
LOOSE_TEXT = re.compile(r"'(?:[^'\\]|\\.|'')*(?:'|\\?\Z)", re.S)
CONTINUES = re.compile(r"(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:[ \t\f\v\n\r]|--[^\n\r]*[\n\r])*(?=')")
SENDS = {"g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch", "parse", "bind_named", "sendpipeline"}
# FROM STDOUT means the same to PostgreSQL's grammar.
COPY_IN = re.compile(r"copy\b[^;]*?\bfrom\s+std(?:in|out)\b", re.I)
MAY_BE_COMMAND = re.compile(r"[A-Za-z0-9_+?-]+|gx?\(.*|!.*")

END_OF_ROWS = re.compile(r"^\\\.\r?$\n?", re.M)


class Piece:
    """What goes to the server in one message: [start, end) of its first and last token in the script."""

    def __init__(self, start):
        self.start = start
        self.end = start
        self.sql = ""
        self.mixed = False


class Script:
    def __init__(self, text):
        self.text = text
        self.position = 1 if text.startswith("\ufeff") else 0
        self.pieces = []
        self.standard_strings = True
        self.copies = 0
        self.clear()

    def clear(self):
        self.piece = None
        self.words = []
        self.parentheses = self.begins = 0

    def run(self):
        while self.position < len(self.text):
            self.step(TOKEN.match(self.text, self.position))
        self.send()
        return self.pieces

    def step(self, match):
        kind, start, end = match.lastgroup, match.start(), match.end()
        kind = "variable" if kind == "quote" else kind
        if kind in ("blank", "line_comment"):
            self.position = end
        elif kind == "block_comment":
            self.position = self.end_of_comment(start)
        elif kind == "command":
            self.command(end)
        elif kind == "escaped_mark" and (match.group() == "\\:" or self.parentheses or self.begins):
            self.position = end
        elif kind == "escaped_mark":
            self.position = end
            self.end_piece()
        elif kind == "mark" and match.group() == ";" and self.parentheses == 0 and self.begins == 0:
            self.position = end
            self.send()
        else:
            self.token(kind, match, start, end)

    def token(self, kind, match, start, end):
        value = match.group()
        if kind == "dollar":
            close = self.text.find(value, end)
            end = len(self.text) if close < 0 else close + len(value)
        elif kind in ("text", "escape_text"):
            end = self.end_of_text(kind, start, end)
        elif kind == "mark" and value in "()":
            self.parentheses = max(0, self.parentheses + (1 if value == "(" else -1))
        elif kind == "word" and self.parentheses == 0:
            self.follow(value.lower())
        if self.piece is None:
            self.piece = Piece(start)
        self.piece.end = end
        self.position = end

    def end_of_text(self, kind, start, end):
        loose = kind == "escape_text" or (not self.standard_strings and self.text[start] == "'")
        if loose and kind == "text":
            end = LOOSE_TEXT.match(self.text, start).end()
        # 'a' <newline> 'b' is one literal, and goes on by the rules of its first piece (which psql forgets at the end of a line, unlike the server).
        while True:
            more = CONTINUES.match(self.text, end)
            if not more:
                return end
            end = (LOOSE_TEXT if loose else TOKEN).match(self.text, more.end()).end()

    def end_of_comment(self, start):
        depth, at = 0, start
        while at < len(self.text):
            pair = self.text[at:at + 2]
            if pair == "/*":
                depth, at = depth + 1, at + 2
            elif pair == "*/":
                depth, at = depth - 1, at + 2
                if depth == 0:
                    return at
            else:
                at += 1
        return at

    def follow(self, word):
        """psql keeps semicolons inside of BEGIN … END of a routine's SQL-standard body."""
        self.words = (self.words + [word])[:4]
        routine = {"function", "procedure"}
        makes = self.words[:1] == ["create"] and (self.words[1:2] and self.words[1] in routine
                                                 or self.words[1:3] == ["or", "replace"] and self.words[3:4] and self.words[3] in routine)
        if makes and word == "begin":
            self.begins += 1
        elif self.begins and word == "case":
            self.begins += 1
        elif self.begins and word == "end":
            self.begins -= 1

    def command(self, at):
        """A backslash command goes to the end of its line, or to the next backslash that stands for itself; one that is none is an error, and takes the line."""
        name = re.compile(r"[^\s\\]*").match(self.text, at).group()
        name = name if MAY_BE_COMMAND.fullmatch(name) else ""
        end = at + len(name)
        quote = None
        while end < len(self.text) and self.text[end] not in "\n\r":
            c = self.text[end]
            if quote:
                quote = None if c == quote else quote
            elif c in "'\"`":
                quote = c
            elif c == "\\" and name:
                end += 2 if self.text[end:end + 2] == "\\\\" else 0
                break
            end += 1
        self.position = end
        if name == "copy" and COPY_IN.match(self.text, at):
            self.skip_rows()
        elif name in SENDS or re.fullmatch(r"gx?[^a-z].*", name):
            self.send()
        elif name in ("r", "reset"):
            self.clear()
        elif self.piece is not None:
            self.piece.mixed = True

    def send(self):
        self.end_piece()
        for _ in range(self.copies):
            self.skip_rows()
        self.copies = 0

    def end_piece(self):
        """\\; alone ends a statement and sends it with the next ones."""
        piece = self.piece
        self.clear()
        if piece is None:
            return
        piece.sql = self.text[piece.start:piece.end]
        self.pieces.append(piece)
        if re.match(r"set\s+(?:local\s+|session\s+)?standard_conforming_strings\s*(?:=|\bto\b)", piece.sql, re.I):
            self.standard_strings = not re.search(r"\b(off|false|0|no)\b", piece.sql, re.I)
        self.copies += 1 if COPY_IN.match(piece.sql) else 0

    def skip_rows(self):
        """Up to the line \\. alone. psql takes all there is where that is missing; but a file that ends so may as well hold statements."""
        newline = self.text.find("\n", self.position)
        closed = newline >= 0 and END_OF_ROWS.search(self.text, newline + 1)
        if closed:
            self.position = closed.end()


def with_literals(sql):
    """psql's variables as something that parses: :'x' a literal, :"x" and :x a name."""
    def replaced(match):
        if match.lastgroup not in ("variable", "quote"):
            return match.group()
        value = match.group()
        if value.startswith(":{"):
            return "true"
        return value[1:] if value[1:2] in "'\"" else ("1" if value[1:2].isdigit() else value[1:])
    out, at = [], 0
    while at < len(sql):
        match = TOKEN.match(sql, at)
        end = match.end()
        if match.lastgroup == "dollar":
            close = sql.find(match.group(), end)
            end = len(sql) if close < 0 else close + len(match.group())
            out.append(sql[at:end])
        elif match.lastgroup == "block_comment":
            out.append(match.group())
        else:
            out.append(replaced(match))
        at = end
    return "".join(out)
