//! Gates: limits that a command holds its figures against, for scripts and CI.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, bail};
use rust_decimal::Decimal;

use super::{Terminal, Verdict};
use crate::text::{nearest, one_of};

/// A limit: a figure's name, an operator and a number, such as `index>=60`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    name: String,
    operator: Operator,
    limit: Decimal,
}

/// How a figure is held against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    AtMost,
    AtLeast,
    Below,
    Above,
    Equal,
}

impl Operator {
    /// Every operator as it is written, the longer ones first.
    const WRITTEN: [(&'static str, Self); 5] = [
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("<", Self::Below),
        (">", Self::Above),
        ("=", Self::Equal),
    ];
}

impl FromStr for Gate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Operator::WRITTEN.iter().find_map(|(written, operator)| {
            let (name, limit) = text.split_once(written)?;
            Some((name.trim(), *operator, limit.trim()))
        });
        let form = "a gate is a name, an operator (<= >= < > =) and a number, such as 'index>=60'";
        let Some((name, operator, limit)) = found else { return Err(form.to_owned()) };
        let limit = Decimal::from_str_exact(limit).map_err(|_| format!("`{limit}` is no number; {form}"))?;
        Ok(Self { name: name.to_owned(), operator, limit })
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = Operator::WRITTEN.iter().find(|(_, operator)| *operator == self.operator);
        write!(f, "{}{}{}", self.name, operator.map_or("", |(written, _)| written), self.limit)
    }
}

/// A figure that a gate may look at.
#[derive(Clone, Debug)]
pub struct Measure {
    /// The name that gates know it by.
    pub name: &'static str,
    /// Whose figure it is, for people.
    pub of: String,
    /// The figure.
    pub figure: Decimal,
}

impl Gate {
    /// Whether a figure keeps to the limit.
    pub fn admits(&self, figure: Decimal) -> bool {
        match self.operator {
            Operator::AtMost => figure <= self.limit,
            Operator::AtLeast => figure >= self.limit,
            Operator::Below => figure < self.limit,
            Operator::Above => figure > self.limit,
            Operator::Equal => figure == self.limit,
        }
    }
}

/// Refuses gates of other names than a command has, before anything is computed.
///
/// # Errors
/// A gate's name is none of them.
pub fn know(gates: &[Gate], names: &[&'static str]) -> anyhow::Result<()> {
    match gates.iter().find(|gate| !names.contains(&gate.name.as_str())) {
        None => Ok(()),
        Some(gate) => {
            let near = nearest(&gate.name, names.iter().copied());
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            bail!("there is no gate `{}`: name {}{near}", gate.name, one_of(names))
        }
    }
}

/// Holds figures against gates, and says who breaks which.
///
/// # Errors
/// Standard error cannot be written.
pub fn hold(gates: &[Gate], measures: &[Measure], terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::Done;
    for gate in gates {
        let mut breaks =
            measures.iter().filter(|measure| measure.name == gate.name && !gate.admits(measure.figure));
        for measure in breaks.by_ref() {
            verdict = Verdict::Faulty;
            writeln!(terminal.err, "gate {gate} is not met: {} has {}", measure.of, measure.figure)
                .context("cannot write to standard error")?;
        }
    }
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_reads_and_holds() {
        let gate: Gate = "index >= 60".parse().expect("a gate");
        assert_eq!(gate.to_string(), "index>=60");
        assert!(gate.admits(Decimal::from(60)) && !gate.admits(Decimal::new(5999, 2)));
        let gate: Gate = "drop<=5.5".parse().expect("a gate");
        assert!(gate.admits(Decimal::new(55, 1)) && !gate.admits(Decimal::from(6)));
        assert!("index".parse::<Gate>().is_err_and(|fault| fault.contains("index>=60")));
        assert!("index>=x".parse::<Gate>().is_err_and(|fault| fault.starts_with("`x` is no number")));
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest() {
        let gates = ["indx>=1".parse().expect("a gate")];
        let error = know(&gates, &["index", "drop"]).expect_err("unknown");
        assert!(error.to_string().contains("did you mean `index`?"), "{error}");
    }
}
