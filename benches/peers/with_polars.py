"""The index by Polars: with_polars.py FOLDER LAYOUT OUT, on what make.py made."""

import sys

import polars as pl

folder, layout, out = sys.argv[1:]
path = f"{folder}/{layout}/answers/answers.csv"
parameters = pl.read_csv(f"{folder}/params.csv")
criteria = (
    parameters.select("criterion", "dimension", "w_crit", "w_dim")
    .unique(maintain_order=True)
    .with_columns(c=pl.int_range(pl.len(), dtype=pl.UInt8))
)
dimensions = criteria["dimension"].unique(maintain_order=True)


def long():
    """Weighted sums by service and criterion: one join with all that can be answered, on one number."""
    percent = [("percent", f"{tenths / 10:g}", tenths / 1000) for tenths in range(1001)]
    percent = pl.DataFrame(percent, schema=["scale", "answer", "value"], orient="row")
    scales = pl.read_csv(f"{folder}/scales.csv", schema_overrides={"answer": pl.String, "value": pl.Float64})
    scales = pl.concat([scales, percent])
    parameter = pl.Enum(parameters["parameter"])
    answer = pl.Enum([*scales["answer"].unique(maintain_order=True), "n/a"])

    def key(frame):
        first = pl.col("parameter").cast(parameter).to_physical().cast(pl.UInt32)
        second = pl.col("answer").cast(answer).to_physical().cast(pl.UInt32)
        return frame.with_columns(key=first * len(answer.categories) + second)

    values = parameters.join(scales, on="scale").join(criteria.select("criterion", "c"), on="criterion")
    values = key(values).select("key", "c", "w_param", sum=pl.col("w_param") * pl.col("value"))
    columns = {"service": pl.Categorical, "parameter": parameter, "answer": answer, "evidence": pl.String}
    # Groups of one number are found sooner than groups of two.
    group = pl.col("service").to_physical() * 32 + pl.col("c").cast(pl.UInt32)
    return (
        key(pl.scan_csv(path, schema=columns))
        .select("service", "key")
        .join(values.lazy(), on="key")
        .select("service", "sum", "w_param", group=group)
        .group_by("group")
        .agg(pl.first("service"), pl.sum("sum"), pl.sum("w_param"))
        .with_columns(c=(pl.col("group") % 32).cast(pl.UInt8))
        .join(criteria.lazy(), on="c")
        .with_columns(score=pl.col("sum") / pl.col("w_param"))
        .group_by("service", "dimension", "w_dim")
        .agg(score=(pl.col("score") * pl.col("w_crit")).sum() / pl.sum("w_crit"))
        .group_by("service")
        .agg(
            ((pl.col("score") * pl.col("w_dim")).sum() / pl.sum("w_dim")).alias("index"),
            *(pl.col("score").filter(pl.col("dimension") == d).first().alias(d) for d in dimensions),
        )
    )


def wide():
    """No join and no groups: a column is turned into values, and means are taken along the row."""
    types = {"yes-no": pl.Enum(["no", "yes"]), "mark": pl.UInt8, "percent": pl.Float64}
    columns = {"service": pl.String} | {p: types[s] for p, s in parameters.select("parameter", "scale").iter_rows()}
    values = {
        "yes-no": lambda column: column.to_physical().cast(pl.Float64),
        "mark": lambda column: (column.cast(pl.Float64) - 1) / 4,
        "percent": lambda column: column / 100,
    }

    def mean(parts):
        """Of expressions and their weights, without those that are null."""
        above = pl.sum_horizontal(part * weight for part, weight in parts)
        below = pl.sum_horizontal(part.is_not_null().cast(pl.Float64) * weight for part, weight in parts)
        return (above / below).fill_nan(None)

    def of_criterion(name):
        rows = parameters.filter(pl.col("criterion") == name).select("parameter", "scale", "w_param").iter_rows()
        return mean([(values[scale](pl.col(parameter)), weight) for parameter, scale, weight in rows])

    def of_dimension(name):
        rows = criteria.filter(pl.col("dimension") == name).select("criterion", "w_crit").iter_rows()
        return mean([(pl.col(criterion), weight) for criterion, weight in rows])

    weights = criteria.select("dimension", "w_dim").unique(maintain_order=True).iter_rows()
    return (
        pl.scan_csv(path, schema=columns, null_values=["n/a"])
        .select("service", *(of_criterion(c).alias(c) for c in criteria["criterion"]))
        .select("service", *(of_dimension(d).alias(d) for d in dimensions))
        .with_columns(index=mean([(pl.col(d), weight) for d, weight in weights]))
    )


scores = wide() if layout == "wide" else long()
(
    scores.select("service", *(pl.col(name) * 100 for name in ["index", *dimensions]))
    .collect(engine="streaming")
    .with_columns(rank=pl.col("index").rank("min", descending=True))
    .sort(["index", "service"], descending=[True, False])
    .select("rank", "service", "index", *dimensions)
    .write_csv(out, float_precision=6)
)
