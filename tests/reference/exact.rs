//! Exact numbers: fractions for all that is rational, and 60 decimal places for a weighted
//! geometric mean, which need not be.

use std::sync::LazyLock;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, Zero};

/// An exact fraction.
pub type Exact = BigRational;

/// The decimal `mantissa / 10^places`.
pub fn decimal(mantissa: impl Into<BigInt>, places: u32) -> Exact {
    Exact::new(mantissa.into(), power_of_ten(places))
}

/// A whole number.
pub fn whole(number: impl Into<BigInt>) -> Exact {
    Exact::from_integer(number.into())
}

/// `10^places`.
pub fn power_of_ten(places: u32) -> BigInt {
    Pow::pow(BigInt::from(10), places)
}

/// A decimal as text, with the fewest places that it needs.
pub fn shortest(value: &Exact) -> String {
    let places = (0..=60)
        .find(|&places| (value * power_of_ten(places)).is_integer())
        .expect("a decimal with few places");
    fixed(&(value * power_of_ten(places)).to_integer(), places)
}

/// `units / 10^places` as text with exactly so many places.
pub fn fixed(units: &BigInt, places: u32) -> String {
    let width = places as usize + 1;
    let digits = format!("{:0>width$}", units.abs().to_string());
    let (whole, part) = digits.split_at(digits.len() - places as usize);
    let sign = if units.is_negative() { "-" } else { "" };
    let point = if places == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{part}")
}

/// The nearest decimal of so many places, a half going up.
pub fn half_up(value: &Exact, places: u32) -> Exact {
    let units = (value * power_of_ten(places) + decimal(5, 1)).floor();
    units / power_of_ten(places)
}

/// Places kept by logarithms and exponentials, which are whole units of the last of them: far
/// more than the 18 that are promised.
const PLACES: u32 = 70;

/// The weighted geometric mean of values above 0, with positive weights, to about 60 places:
/// `exp(sum(w ln x) / sum(w))`.
pub fn geometric_mean(children: &[(Exact, Exact)]) -> Exact {
    let total: Exact = children.iter().map(|(weight, _)| weight).sum();
    let logarithm: BigInt =
        children.iter().map(|(weight, value)| (weight / &total * ln(value)).to_integer()).sum();
    half_up(&decimal(exp(&logarithm), PLACES), 60)
}

/// The natural logarithm of a value above 0: that of the value brought near 1 by doubling or
/// halving it, and as many times that of 2.
fn ln(value: &Exact) -> BigInt {
    let two = whole(2);
    let (low, high) = (Exact::new(2.into(), 3.into()), Exact::new(4.into(), 3.into()));
    let mut halvings = 0;
    let mut near_one = value.clone();
    while near_one > high {
        near_one /= &two;
        halvings += 1;
    }
    while near_one < low {
        near_one *= &two;
        halvings -= 1;
    }
    static LN_2: LazyLock<BigInt> = LazyLock::new(|| twice_artanh(&Exact::new(1.into(), 3.into())));
    let near_one = (&near_one - Exact::one()) / (near_one + Exact::one());
    twice_artanh(&near_one) + &*LN_2 * halvings
}

/// `2 artanh(x) = ln((1 + x) / (1 - x))`, by its series.
fn twice_artanh(value: &Exact) -> BigInt {
    let one = power_of_ten(PLACES);
    let value = (value * &one).to_integer();
    let square = &value * &value / &one;
    let (mut power, mut sum, mut odd) = (value, BigInt::zero(), 1);
    while !power.is_zero() {
        sum += &power / odd;
        power = power * &square / &one;
        odd += 2;
    }
    sum * 2
}

/// The exponential of a value that is not far above 0: the series at the value divided by 2^10,
/// squared ten times.
fn exp(value: &BigInt) -> BigInt {
    let one = power_of_ten(PLACES);
    let reduced = value / 1024;
    let (mut term, mut sum, mut count) = (one.clone(), BigInt::zero(), 1);
    while !term.is_zero() {
        sum += &term;
        term = term * &reduced / &one / count;
        count += 1;
    }
    for _ in 0..10 {
        sum = &sum * &sum / &one;
    }
    sum
}

#[test]
fn logarithms_and_exponentials_have_forty_true_digits() {
    let close = |found: &Exact, expected: &str| {
        let expected = decimal(expected.replace('.', "").parse::<BigInt>().expect("digits"), 45);
        assert!((found - expected).abs() < decimal(1, 44), "{found}");
    };
    let read = |units: BigInt| decimal(units, PLACES);
    close(&read(ln(&whole(2))), "0.693147180559945309417232121458176568075500134");
    close(&read(ln(&whole(10))), "2.302585092994045684017991454684364207601101489");
    close(&read(exp(&-power_of_ten(PLACES))), "0.367879441171442321595523770161460867445811131");
    let root_of_half = geometric_mean(&[(whole(1), whole(1)), (whole(1), decimal(5, 1))]);
    close(&root_of_half, "0.707106781186547524400844362104849039284835938");
    let tiny = geometric_mean(&[(whole(1), decimal(1, 9)), (whole(1), decimal(1, 9))]);
    assert!((tiny - decimal(1, 9)).abs() < decimal(1, 50));
}

#[test]
fn decimals_are_written_and_rounded_as_on_paper() {
    assert_eq!(shortest(&decimal(-1250, 3)), "-1.25");
    assert_eq!(fixed(&BigInt::from(5), 2), "0.05");
    assert_eq!(fixed(&BigInt::from(83), 0), "83");
    assert_eq!(half_up(&decimal(125, 3), 2), decimal(13, 2));
}
