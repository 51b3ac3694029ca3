//! The means by which children's scores become a group's, exactly.

use num_bigint::BigInt;
use num_bigint::Sign;

use crate::framework::Aggregation;
use crate::number::{Half, Published, Ratio, Weight};

/// Fractional bits of the fixed-point numbers behind the geometric mean: its error stays far below
/// the promised 1e-18.
const BITS: u64 = 320;

/// The mean of children that have a score; none when they weigh nothing together.
pub fn mean(aggregation: Aggregation, children: &[(Weight, Ratio)]) -> Option<Ratio> {
    match aggregation {
        Aggregation::Arithmetic => arithmetic(children),
        Aggregation::Geometric => geometric(children),
    }
}

/// `sum(w x) / sum(w)`.
pub fn arithmetic(children: &[(Weight, Ratio)]) -> Option<Ratio> {
    let mut sum = Ratio::zero();
    for (weight, score) in children {
        sum = sum.plus(&score.scaled(weight.units()));
    }
    sum.over(&total(children)).map(reduced)
}

/// `product(x ^ (w / sum(w)))`, as `exp(sum(w ln x) / sum(w))`; a zero that weighs anything makes it
/// zero.
pub fn geometric(children: &[(Weight, Ratio)]) -> Option<Ratio> {
    let total = total(children);
    if total.is_zero() {
        return None;
    }
    let weighing = children.iter().filter(|(weight, _)| !weight.is_zero());
    if weighing.clone().any(|(_, score)| score.is_zero()) {
        return Some(Ratio::zero());
    }
    let sum: BigInt = weighing.map(|(weight, score)| ln(score) * weight.units()).sum();
    Some(exp(&(sum / total.numerator())))
}

fn total(children: &[(Weight, Ratio)]) -> Ratio {
    let sum: u128 = children.iter().map(|(weight, _)| u128::from(weight.units())).sum();
    Ratio::new(sum.into(), 1.into())
}

/// Powers of ten and two gather in the denominators of a tree; without them the next level is fast.
fn reduced(ratio: Ratio) -> Ratio {
    let zeros = |part: &BigInt| part.trailing_zeros().unwrap_or(0);
    if ratio.is_zero() {
        return Ratio::zero();
    }
    let shift = zeros(ratio.numerator()).min(zeros(ratio.denominator()));
    Ratio::new(ratio.numerator() >> shift, ratio.denominator() >> shift)
}

/// The natural logarithm of a positive number, in units of 2^-BITS:
/// `ln m + k ln 2` for `m 2^k` with `1 <= m < 2`.
fn ln(number: &Ratio) -> BigInt {
    let exponent = number.numerator().bits() as i64 - number.denominator().bits() as i64;
    let shift = BITS as i64 - exponent;
    let scaled = match u64::try_from(shift) {
        Ok(shift) => (number.numerator() << shift) / number.denominator(),
        Err(_) => number.numerator() / (number.denominator() << shift.unsigned_abs()),
    };
    // `scaled` is the number times 2^-exponent, between 1/2 and 2.
    ln_near_one(&scaled) + ln_two() * exponent
}

/// `2 atanh((m - 1) / (m + 1))`, by its series `2 (z + z^3/3 + z^5/5 + ...)`, `|z| <= 1/3`.
fn ln_near_one(scaled: &BigInt) -> BigInt {
    let one = BigInt::from(1) << BITS;
    let z: BigInt = ((scaled - &one) << BITS) / (scaled + &one);
    let square: BigInt = (&z * &z) >> BITS;
    let mut power = z;
    let mut sum = BigInt::ZERO;
    let mut divisor = 1u32;
    while power.sign() != Sign::NoSign && power.bits() > 1 {
        sum += &power / divisor;
        power = (power * &square) >> BITS;
        divisor += 2;
    }
    sum * 2
}

/// `ln 2 = 2 atanh(1/3)`, by the same series.
fn ln_two() -> BigInt {
    ln_near_one(&(BigInt::from(2) << BITS))
}

/// `e ^ x` of a number of 0 or less in units of 2^-BITS: `2^-n e^f` for `x = f - n ln 2`, `0 <= f < ln 2`.
fn exp(exponent: &BigInt) -> Ratio {
    const HALVINGS: u64 = 8;
    let ln_two = ln_two();
    let halvings = (-exponent + &ln_two - 1) / &ln_two;
    let n = u64::try_from(&halvings).unwrap_or(0);
    let small: BigInt = (exponent + &ln_two * n) >> HALVINGS;
    let one = BigInt::from(1) << BITS;
    let mut term = one.clone();
    let mut sum = one;
    let mut divisor = 1u32;
    while term.sign() != Sign::NoSign {
        term = ((term * &small) >> BITS) / divisor;
        sum += &term;
        divisor += 1;
    }
    for _ in 0..HALVINGS {
        sum = (&sum * &sum) >> BITS;
    }
    Ratio::new(sum, BigInt::from(1) << (BITS + n))
}

/// How near an irrational value must be to an exact half, or to another value, to count as it: 1e-15.
fn tolerance() -> Ratio {
    Ratio::new(1.into(), BigInt::from(10).pow(15))
}

/// Whether two values of a geometric framework count as equal.
pub fn nearly_equal(a: &Ratio, b: &Ratio) -> bool {
    let difference = if a > b { a.minus(b) } else { b.minus(a) };
    difference <= tolerance()
}

/// The published figure of a value that may be irrational: within 1e-15 of an exact half it counts as
/// the half.
pub fn published_nearly(value: &Ratio, decimals: u32, half: Half) -> Published {
    let scale = 200 * 10u64.pow(decimals);
    let nearest = value.scaled(scale).rounded(Half::Even);
    let as_half = Ratio::new(nearest.clone(), scale.into());
    let value = if nearest.bit(0) && nearly_equal(&as_half, value) { &as_half } else { value };
    Published::from_ratio(value, decimals, half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(a: i64, b: i64) -> Ratio {
        Ratio::new(a.into(), b.into())
    }

    fn weighted(list: &[(&str, (i64, i64))]) -> Vec<(Weight, Ratio)> {
        list.iter()
            .map(|(weight, (a, b))| (Weight::parse(weight).unwrap_or(Weight::ONE), ratio(*a, *b)))
            .collect()
    }

    #[test]
    fn arithmetic_is_the_weighted_mean() {
        let children = weighted(&[("3", (1, 1)), ("5", (341, 1000))]);
        assert_eq!(arithmetic(&children), Some(ratio(588_125, 1_000_000)));
        assert_eq!(arithmetic(&weighted(&[("0", (1, 1))])), None);
        assert_eq!(arithmetic(&[]), None);
    }

    #[test]
    fn geometric_is_the_root_of_the_product() {
        // sqrt(1/4 * 1) = 1/2; cbrt(1/2 * 1/2 * 27/32) is no rational number: 0.595270...
        let half = geometric(&weighted(&[("1", (1, 4)), ("1", (1, 1))]));
        assert!(half.is_some_and(|value| nearly_equal(&value, &ratio(1, 2))));
        let root = geometric(&weighted(&[("2", (1, 2)), ("1", (27, 32))]));
        // The cube of the result gives the product back.
        let cube = root.map(|root| root.times(&root).times(&root));
        assert!(cube.is_some_and(|cube| nearly_equal(&cube, &ratio(27, 128))));
        assert_eq!(geometric(&weighted(&[("1", (0, 1)), ("9", (1, 1))])), Some(Ratio::zero()));
        let ignored = geometric(&weighted(&[("0", (0, 1)), ("9", (1, 1))]));
        assert!(ignored.is_some_and(|value| nearly_equal(&value, &ratio(1, 1))));
    }

    #[test]
    fn a_tiny_factor_keeps_its_precision() {
        // (10^-18)^(1/2) = 10^-9, relative error below 1e-18.
        let value = geometric(&weighted(&[("1", (1, 1_000_000_000_000_000_000)), ("1", (1, 1))]));
        let expected = ratio(1, 1_000_000_000);
        let error = value.map(|value| value.minus(&expected).to_f64().abs());
        assert!(error.is_some_and(|error| error < 1e-27));
    }

    #[test]
    fn a_value_next_to_a_half_counts_as_the_half() {
        let half = ratio(1, 200).plus(&ratio(1, 1)).times(&ratio(1, 100));
        let below = half.minus(&Ratio::new(1.into(), BigInt::from(10).pow(16)));
        assert_eq!(published_nearly(&below, 2, Half::Up), Published::from_ratio(&half, 2, Half::Up));
        let further = half.minus(&Ratio::new(1.into(), BigInt::from(10).pow(14)));
        assert_eq!(published_nearly(&further, 2, Half::Up), Published::from_units(100, 2));
    }
}
