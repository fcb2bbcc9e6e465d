"""PostgreSQL's own parser as a judge. A line of JSON comes in, {"sql": …}; one goes out:

{"whole": bool, "statements": [{"start", "end", "line", "version", "error", "mixed", "guessed", "effects", …}]}

start and end are UTF-16 offsets of the first and behind the last token; version is that of the parser which understood it (null: none did,
error says why); guessed: only with values put in for psql's variables, so that names are unsure. whole: the script is one text to the parser; else it was cut as psql cuts it. {"about": true}
answers with the parser's version and the rules that are judged.

usage: postgres_judge.py FOLDER (with node_modules/libpg-query-18 and -13 in it)
"""
import json
import subprocess
import sys
from pathlib import Path

from pglast import parser

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
from psql_pieces import Script, with_literals  # noqa: E402
from tree_effects import JUDGED, Effects  # noqa: E402
from tree_names import text  # noqa: E402

MAIN = parser.get_postgresql_version()[0]
sys.setrecursionlimit(20000)


class OtherVersions:
    """libpg_query of other versions of PostgreSQL, in a Node process that is started when first asked."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None

    def parse(self, sql):
        if not self.process:
            script = str(Path(__file__).parent / "other_versions.mjs")
            self.process = subprocess.Popen(["node", script, self.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(json.dumps(sql).encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def parse(sql, others):
    """The tree, the version that made it, and the error of the one that did not."""
    try:
        return json.loads(parser.parse_sql_json(sql)), MAIN, None
    except (parser.ParseError, UnicodeEncodeError, ValueError) as error:
        message = str(error)
    tree = others.parse(sql)
    return (tree["tree"], tree["major"], None) if tree else (None, None, message)


class Places:
    """Bytes of UTF-8 (libpg_query's unit) to characters, and characters to UTF-16 units and lines."""

    def __init__(self, sql):
        self.sql = sql
        self.bytes = sql.encode("utf-8", "surrogatepass")
        self.plain = len(self.bytes) == len(sql)

    def char(self, offset):
        return offset if self.plain else len(self.bytes[:offset].decode("utf-8", "surrogatepass"))

    def utf16(self, char):
        return char if self.plain else len(self.sql[:char].encode("utf-16-le", "surrogatepass")) // 2

    def line(self, char):
        return self.sql.count("\n", 0, char) + 1


def walk_expressions(node, found):
    """Every SQL text in a PL/pgSQL tree, and whether it is put together when it runs."""
    if isinstance(node, list):
        for item in node:
            walk_expressions(item, found)
    elif isinstance(node, dict):
        for kind, value in node.items():
            if kind in ("PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors", "dynquery"):
                found.append((None, True))
            if kind == "PLpgSQL_expr":
                found.append((value["query"], False))
            else:
                walk_expressions(value, found)


def parse_first(texts):
    """The tree of the first of these that is SQL."""
    for sql in texts:
        try:
            return json.loads(parser.parse_sql_json(sql))
        except (parser.ParseError, ValueError):
            continue
    return {}


def read_body(effects, code, others):
    """The statements of a body, and of the bodies in it. False where nobody can say what one of them does."""
    understood, waiting = True, [code]
    effects.body = True
    while waiting:
        language, sql = waiting.pop()
        trees = body_trees(language, sql, effects, others)
        understood = understood and trees is not None
        for statement in (statement for tree in trees or [] for statement in tree.get("stmts", [])):
            effects.statement(statement["stmt"])
            inner = routine(statement["stmt"])
            if inner:
                waiting.append((inner[0], inner[1] if inner[0] == "sql" else as_function(*inner)))
    effects.body = False
    return understood


def body_trees(language, sql, effects, others):
    """sql is the body itself for LANGUAGE sql, and all of CREATE FUNCTION for PL/pgSQL."""
    if language == "sql":
        tree, _, _ = parse(sql, others)
        return None if tree is None else [tree]
    if language != "plpgsql":
        return None
    try:
        texts = []
        walk_expressions(json.loads(parser.parse_plpgsql_json(sql)), texts)
    except (parser.ParseError, ValueError):
        return None
    for _ in (dynamic for _, dynamic in texts if dynamic):
        effects.add("dynamic-sql", None)
    # An expression is the end of a SELECT, an assignment that of one behind its := or =.
    return [parse_first([query, "SELECT " + query, "SELECT " + query.split(":=", 1)[-1].split("=", 1)[-1]]) for query, dynamic in texts if not dynamic]


def routine(node):
    """The language and the quoted body of a DO block or a routine; None where it has none."""
    value = node.get("DoStmt") or node.get("CreateFunctionStmt")
    if not value:
        return None
    language, body = "plpgsql" if "DoStmt" in node else "sql", None
    for option in value.get("args", value.get("options", [])):
        name, arg = option["DefElem"]["defname"], option["DefElem"].get("arg", {})
        if name == "language":
            language = text(arg).lower()
        elif name == "as":
            body = text(arg["List"]["items"][0]) if "List" in arg else text(arg)
    return None if body is None else (language, body)


def as_function(language, body):
    """Code as a function: the one form that libpg_query reads."""
    tag = "$judge$"
    return f"CREATE FUNCTION judged() RETURNS void LANGUAGE {language} AS {tag}{body}{tag}"


class Judge:
    def __init__(self, others):
        self.others = others

    def judge(self, sql):
        places = Places(sql)
        bom = sql.startswith("\ufeff")
        # As one text to the server such a SET would come too late; psql sends statement by statement.
        at_once = "standard_conforming_strings" not in sql.lower()
        tree, version, _ = parse(sql[1:] if bom else sql, self.others) if at_once else (None, None, None)
        path = SearchPath()
        if tree is not None:
            shift = 3 if bom else 0
            statements = [self.whole(places, raw, version, path, shift) for raw in tree.get("stmts", [])]
            return {"whole": True, "statements": statements}
        return {"whole": False, "statements": [s for piece in Script(sql).run() for s in self.piece(places, piece, path)]}

    def whole(self, places, raw, version, path, shift):
        start = raw.get("stmt_location", 0) + shift
        length = raw.get("stmt_len", 0)
        stop = start + length if length else len(places.bytes)
        own = places.bytes[start:stop].decode("utf-8", "surrogatepass")
        first = places.char(start)
        # The statement's own tokens: libpg_query leaves the comments around it with it.
        begin, end = edges(own)
        return self.statement(places, first + begin, first + end, raw["stmt"], own, version, path)

    def piece(self, places, piece, path):
        tree, version, error = parse(piece.sql, self.others)
        guessed = tree is None and ":" in piece.sql
        if guessed:
            tree, version, _ = parse(with_literals(piece.sql), self.others)
            if tree is not None and len(tree.get("stmts", [])) != 1:
                tree = None
        if tree is None:
            return [self.told(places, piece.start, piece.end, mixed=piece.mixed, error=error)]
        found = []
        for raw in tree.get("stmts", []):
            found.append(self.statement(places, piece.start, piece.end, raw["stmt"], piece.sql, version, path))
            found[-1].update(mixed=piece.mixed, guessed=guessed)
        return found

    def statement(self, places, start, end, node, sql, version, path):
        effects = Effects(path.now)
        effects.statement(node)
        code = routine(node)
        read = True
        if code:
            language, body = code
            whole = body if language == "sql" else sql if "CreateFunctionStmt" in node else as_function(language, body)
            read = read_body(effects, (language, whole), self.others)
        path.follow(node)
        told = self.told(places, start, end, version=version, effects=effects.found)
        told["body_read"] = read
        return told

    @staticmethod
    def told(places, start, end, **more):
        found = {"start": places.utf16(start), "end": places.utf16(end), "line": places.line(start), "version": None, "error": None, "mixed": False,
                 "guessed": False, "body_read": True, "effects": []}
        found.update(more)
        return found


class SearchPath:
    """Where names without a schema live, statement by statement; None: nobody said."""

    def __init__(self):
        self.now = self.session = self.before = None

    def follow(self, node):
        if "VariableSetStmt" in node:
            self.set(node["VariableSetStmt"])
        elif "DiscardStmt" in node and node["DiscardStmt"].get("target") in (None, "DISCARD_ALL"):
            self.now = self.session = None
        elif "TransactionStmt" in node:
            kind = node["TransactionStmt"].get("kind", "TRANS_STMT_BEGIN")
            if kind in ("TRANS_STMT_BEGIN", "TRANS_STMT_START"):
                self.before = self.session
            elif kind in ("TRANS_STMT_COMMIT", "TRANS_STMT_PREPARE"):
                self.now = self.session
            elif kind == "TRANS_STMT_ROLLBACK":
                self.now = self.session = self.before

    def set(self, setting):
        kind = setting.get("kind", "VAR_SET_VALUE")
        if kind == "VAR_RESET_ALL":
            self.now = self.session = None
        if setting.get("name") != "search_path":
            return
        values = [item["A_Const"] for item in setting.get("args", []) if "A_Const" in item]
        schemas = [text(value.get("sval", value.get("val", {}).get("String", {}))) for value in values]
        self.now = next((schema for schema in schemas if schema and schema != "$user"), None)
        if not setting.get("is_local"):
            self.session = self.now


def edges(sql):
    """Where the first token begins and the last one ends, by PostgreSQL's scanner, or psql's where that one is too old."""
    try:
        tokens = [t for t in parser.scan(sql) if t.name not in ("SQL_COMMENT", "C_COMMENT")]
        # It gives the end of U&'' and U&"" wrongly.
        if tokens[-1].name not in ("USCONST", "UIDENT"):
            return tokens[0].start, tokens[-1].end + 1
    except (parser.ParseError, ValueError):
        pass
    pieces = Script(sql).run()
    return pieces[0].start, pieces[-1].end


def main():
    judge = Judge(OtherVersions(sys.argv[1]))
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        answer = {"version": MAIN, "rules": sorted(JUDGED)} if "about" in asked else judge.judge(asked["sql"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
