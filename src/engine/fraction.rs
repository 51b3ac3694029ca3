//! Exact means in machine integers, while they fit: most figures that floats leave open are settled here.

use num_integer::Integer;

use crate::number::{Half, Published, UNIT};

/// A number of 0 or more as a quotient in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    numerator: u128,
    denominator: u128,
}

/// The integers are too long for the machine: long arithmetic is to take over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// A mean, or none of children that weigh nothing together.
pub type Mean = Result<Option<Fraction>, TooLong>;

impl Fraction {
    /// `numerator / denominator`; the denominator must be above 0.
    fn new(numerator: u128, denominator: u128) -> Self {
        let divisor = divisor(numerator, denominator);
        Self { numerator: numerator / divisor, denominator: denominator / divisor }
    }

    /// The mean whose sum of weight times score is given in billionths, and the sum of weights.
    ///
    /// # Errors
    /// It does not fit.
    pub fn of_sums(sum: u128, total: u128) -> Mean {
        let whole = total.checked_mul(u128::from(UNIT)).ok_or(TooLong)?;
        Ok((total > 0).then(|| Self::new(sum, whole)))
    }

    /// `sum(w x) / sum(w)`.
    ///
    /// # Errors
    /// It does not fit.
    pub fn mean(children: impl Iterator<Item = Result<(u32, Self), TooLong>>) -> Mean {
        let (mut sum, mut total) = (Self { numerator: 0, denominator: 1 }, 0u128);
        for child in children {
            let (weight, score) = child?;
            total += u128::from(weight);
            sum = sum.plus(u128::from(weight), score).ok_or(TooLong)?;
        }
        let denominator = sum.denominator.checked_mul(total).ok_or(TooLong)?;
        Ok((total > 0).then(|| Self::new(sum.numerator, denominator)))
    }

    /// The sum with so many times another, over the least common denominator.
    fn plus(self, times: u128, other: Self) -> Option<Self> {
        let part = self.denominator / divisor(self.denominator, other.denominator);
        let denominator = part.checked_mul(other.denominator)?;
        let own = self.numerator.checked_mul(denominator / self.denominator)?;
        let others = other.numerator.checked_mul(part)?.checked_mul(times)?;
        Some(Self { numerator: own.checked_add(others)?, denominator })
    }

    /// The published figure, in percent.
    ///
    /// # Errors
    /// It does not fit.
    pub fn published(self, decimals: u32, half: Half) -> Result<Published, TooLong> {
        let scale = 100 * 10u128.pow(decimals);
        let scaled = self.numerator.checked_mul(2 * scale).ok_or(TooLong)?;
        let (doubled, rest) = scaled.div_rem(&self.denominator);
        let whole = doubled / 2;
        // The fraction of the whole is `(doubled % 2 + rest / denominator) / 2`.
        let up = doubled % 2 == 1 && (rest > 0 || half == Half::Up || whole % 2 == 1);
        let units = i64::try_from(whole + u128::from(up)).map_err(|_| TooLong)?;
        Ok(Published::from_units(units, decimals))
    }
}

/// The greatest common divisor; halves of the width are much faster.
fn divisor(a: u128, b: u128) -> u128 {
    match (u64::try_from(a), u64::try_from(b)) {
        (Ok(a), Ok(b)) => a.gcd(&b).into(),
        _ => a.gcd(&b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fraction(a: u128, b: u128) -> Fraction {
        Fraction::new(a, b)
    }

    #[test]
    fn means_are_exact() {
        // (3 * 1 + 5 * 0.341) / 8 = 0.588125.
        let children = [(3, fraction(1, 1)), (5, fraction(341, 1000))];
        assert_eq!(Fraction::mean(children.into_iter().map(Ok)), Ok(Some(fraction(588_125, 1_000_000))));
        assert_eq!(Fraction::of_sums(2_500_000_000, 3), Ok(Some(fraction(5, 6))));
        assert_eq!(Fraction::mean([Ok((0, fraction(1, 2)))].into_iter()), Ok(None));
        let long = fraction(1, u128::MAX);
        assert_eq!(Fraction::mean([Ok((1, long)), Ok((1, fraction(1, 2)))].into_iter()), Err(TooLong));
    }

    #[test]
    fn an_exact_half_goes_where_the_policy_says() {
        let figure = |a, b, half| fraction(a, b).published(2, half).map(Published::units);
        assert_eq!((figure(1, 8, Half::Up), figure(1, 8, Half::Even)), (Ok(1250), Ok(1250)));
        // 0.00125 is 0.125 percent, 0.00375 is 0.375 percent.
        assert_eq!((figure(1, 800, Half::Up), figure(1, 800, Half::Even)), (Ok(13), Ok(12)));
        assert_eq!((figure(3, 800, Half::Up), figure(3, 800, Half::Even)), (Ok(38), Ok(38)));
        assert_eq!(
            (figure(125_001, 100_000_000, Half::Even), figure(124_999, 100_000_000, Half::Up)),
            (Ok(13), Ok(12))
        );
        assert_eq!(figure(2, 3, Half::Up), Ok(6667));
    }
}
