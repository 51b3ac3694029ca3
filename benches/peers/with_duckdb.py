"""The index by DuckDB: with_duckdb.py FOLDER LAYOUT OUT, on what make.py made."""

import sys

import duckdb

folder, layout, out = sys.argv[1:]
path = f"{folder}/{layout}/answers/answers.csv"
db = duckdb.connect()
db.execute("SET preserve_insertion_order = false")
db.execute(f"CREATE TABLE parameters AS FROM read_csv('{folder}/params.csv', header = true)")
db.execute("""
    CREATE TABLE criteria AS
    SELECT row_number() OVER ()::UTINYINT AS c, *
    FROM (SELECT DISTINCT criterion, dimension, w_crit::DOUBLE AS w_crit, w_dim::DOUBLE AS w_dim FROM parameters)
""")
rows = db.sql("SELECT parameter, criterion, scale, w_param FROM parameters").fetchall()
criteria = db.sql("SELECT criterion, dimension, w_crit FROM criteria").fetchall()
dimensions = db.sql("SELECT DISTINCT dimension, w_dim FROM criteria ORDER BY ALL").fetchall()


def read(columns, more=""):
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    return f"""read_csv('{path}', columns = {{{types}}}, header = true, auto_detect = false, delim = ',',
               quote = '"', escape = '"' {more})"""


def long():
    """Weighted sums by service and criterion: one join with all that can be answered, on one number."""
    db.execute(f"""
        CREATE TABLE scales AS
        SELECT scale, answer, value FROM read_csv('{folder}/scales.csv', types = {{'answer': 'VARCHAR', 'value': 'DOUBLE'}})
        UNION ALL
        SELECT 'percent', rtrim(rtrim((tenths / 10)::DECIMAL(4, 1)::VARCHAR, '0'), '.'), tenths / 1000
        FROM range(1, 1001) AS t(tenths) WHERE tenths % 100 > 0
        UNION ALL SELECT 'percent', (10 * tens)::VARCHAR, tens / 10 FROM range(11) AS t(tens)
    """)
    db.execute("CREATE TYPE parameter AS ENUM (SELECT parameter FROM parameters)")
    db.execute("CREATE TYPE answer AS ENUM (SELECT DISTINCT answer FROM scales UNION ALL SELECT 'n/a')")
    db.execute("""
        CREATE TABLE worth AS
        SELECT enum_code(parameter::parameter) * 2048 + enum_code(answer::answer) AS key, c,
               w_param::DOUBLE AS weight, w_param * value AS worth
        FROM parameters JOIN scales USING (scale) JOIN criteria USING (criterion)
    """)
    answers = read({"service": "VARCHAR", "parameter": "parameter", "answer": "answer", "evidence": "VARCHAR"})
    means = ", ".join(
        f"sum(score * w_crit) FILTER (dimension = '{d}') / sum(w_crit) FILTER (dimension = '{d}') AS {d}"
        for d, _ in dimensions
    )
    return f"""
        SELECT service, {means}
        FROM (SELECT service, c, sum(worth) / sum(weight) AS score
              FROM (SELECT service, enum_code(parameter) * 2048 + enum_code(answer) AS key FROM {answers})
              JOIN worth USING (key) GROUP BY ALL)
        JOIN criteria USING (c) GROUP BY service
    """


def mean(parts):
    """Of expressions and their weights, without those that are null."""
    above = " + ".join(f"coalesce({part} * {weight}, 0)" for part, weight in parts)
    below = " + ".join(f"if({part} IS NULL, 0, {weight})" for part, weight in parts)
    return f"({above}) / nullif({below}, 0)::DOUBLE"


def wide():
    """No join and no groups: a column is turned into values, and means are taken along the row."""
    types = {"yes-no": "VARCHAR", "mark": "UTINYINT", "percent": "DOUBLE"}
    answers = read({"service": "VARCHAR"} | {p: types[scale] for p, _, scale, _ in rows}, ", nullstr = 'n/a'")
    values = {"yes-no": '("{}" = \'yes\')::DOUBLE', "mark": '("{}" - 1) / 4', "percent": '"{}" / 100'}
    of_criteria = ", ".join(
        mean([(values[scale].format(p), weight) for p, c, scale, weight in rows if c == criterion])
        + f' AS "{criterion}"'
        for criterion, _, _ in criteria
    )
    of_dimensions = ", ".join(
        mean([(f'"{c}"', weight) for c, d, weight in criteria if d == dimension]) + f" AS {dimension}"
        for dimension, _ in dimensions
    )
    return f"SELECT service, {of_dimensions} FROM (SELECT service, {of_criteria} FROM {answers})"


index = mean(dimensions)
figures = ", ".join(f'round(100 * "{name}", 6) AS "{name}"' for name in ["index", *(d for d, _ in dimensions)])
db.execute(f"""
    COPY (
        SELECT rank() OVER (ORDER BY "index" DESC) AS rank, service, {figures}
        FROM (SELECT *, {index} AS "index" FROM ({wide() if layout == "wide" else long()})) AS scores
        ORDER BY scores."index" DESC, service
    ) TO '{out}' (HEADER, DELIMITER ',')
""")
