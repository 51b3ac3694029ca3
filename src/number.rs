//! Numbers: weights, scores, answered quantities, exact ratios and published figures.
//!
//! Everything is read from the text of a cell or scalar, never by way of a float: a YAML number read
//! straight into a decimal type passes through a float and silently loses digits.

use std::cmp::Ordering;
use std::fmt;
use std::num::{NonZeroI64, NonZeroU32};

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use rust_decimal::Decimal;

/// Decimal places that a weight or a score may have.
pub const PLACES: u32 = 9;
/// One, in the units of [`Weight`] and [`Score`].
pub const UNIT: u64 = 1_000_000_000;

/// Why a text is not the number that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    /// It is not digits, optionally with one point and digits more.
    Malformed,
    /// It has more decimal places than can be kept.
    TooManyPlaces,
    /// It is below the least allowed value.
    TooSmall,
    /// It is above the greatest allowed value.
    TooLarge,
}

impl NumberFault {
    /// What is wrong, as the end of a sentence that begins with the quoted text.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "is not a plain decimal number",
            Self::TooManyPlaces => "has more than 9 decimal places",
            Self::TooSmall => "is too small",
            Self::TooLarge => "is too large",
        }
    }
}

/// Reads digits with an optional sign, point and digits more: no exponent, no grouping, no leading
/// zeros, no bare point.
pub fn parse_decimal(text: &str) -> Result<Decimal, NumberFault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(places) || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(NumberFault::Malformed);
    }
    if places.trim_end_matches('0').len() > PLACES as usize {
        return Err(NumberFault::TooManyPlaces);
    }
    Decimal::from_str_exact(text).map_err(|_| NumberFault::TooLarge)
}

/// The number of `UNIT`s in a decimal of at most nine places, within `0..=largest`.
fn parse_units(text: &str, largest: u64) -> Result<u64, NumberFault> {
    let mut decimal = parse_decimal(text)?;
    if decimal.is_sign_negative() && !decimal.is_zero() {
        return Err(NumberFault::TooSmall);
    }
    if decimal > Decimal::from(largest / UNIT + 1) {
        return Err(NumberFault::TooLarge);
    }
    decimal.rescale(PLACES);
    let units = u64::try_from(decimal.mantissa()).map_err(|_| NumberFault::TooLarge)?;
    if units > largest {
        return Err(NumberFault::TooLarge);
    }
    Ok(units)
}

/// What a node counts among its siblings: a decimal, 0 or more and below 10^9, of at most 9 places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(u64);

impl Weight {
    /// The weight of a node that does not state one.
    pub const ONE: Self = Self(UNIT);

    /// Reads a weight from its text.
    pub fn parse(text: &str) -> Result<Self, NumberFault> {
        parse_units(text, 1_000_000_000 * UNIT - 1).map(Self)
    }

    /// The weight in billionths.
    pub fn units(self) -> u64 {
        self.0
    }

    /// Whether the node counts for nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        plain(self.0).fmt(f)
    }
}

/// What an answer is worth: a decimal from 0 to 1 of at most 9 places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(
    /// One more than the billionths, so that no score takes as little room as a score.
    NonZeroU32,
);

impl Score {
    /// The worst score.
    pub const ZERO: Self = Self::of(0);
    /// The best score.
    pub const ONE: Self = Self::of(UNIT as u32);

    const fn of(units: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(units))
    }

    /// Reads a score from its text.
    pub fn parse(text: &str) -> Result<Self, NumberFault> {
        parse_units(text, UNIT).map(|units| Self::of(units as u32))
    }

    /// The score in billionths, from 0 to 10^9.
    pub fn units(self) -> u32 {
        self.0.get() - 1
    }

    /// The sum of scores, at most 1.
    pub fn capped_sum(scores: impl Iterator<Item = Self>) -> Self {
        let sum: u64 = scores.map(|score| u64::from(score.units())).sum();
        Self::of(sum.min(UNIT) as u32)
    }

    /// The mean of scores, rounded half up to 9 places; none for no scores.
    pub fn mean(scores: &[Self]) -> Option<Self> {
        let count = scores.len() as u64;
        let sum: u64 = scores.iter().map(|score| u64::from(score.units())).sum();
        (count > 0).then(|| Self::of(((2 * sum + count) / (2 * count)) as u32))
    }

    /// An exact value rounded half up to 9 places and held within 0 and 1.
    pub fn nearest(value: &Ratio) -> Self {
        let units = value.scaled(UNIT).rounded(Half::Up);
        let units = u64::try_from(&units).unwrap_or(0).min(UNIT);
        Self::of(units as u32)
    }

    /// The score so far between this one and another as `part` is of `whole`, from 0 to all of it, rounded half up
    /// to 9 places; none when a machine's integers cannot hold what that takes.
    pub fn between(self, other: Self, part: i128, whole: i128) -> Option<Self> {
        let (from, to) = (i128::from(self.units()), i128::from(other.units()));
        let doubled = (to - from).checked_mul(2)?.checked_mul(part)?;
        let doubled = doubled.checked_add((2 * from + 1).checked_mul(whole)?)?;
        u32::try_from(doubled.checked_div(whole.checked_mul(2)?)?).ok().map(Self::of)
    }

    /// The exact value.
    pub fn ratio(self) -> Ratio {
        Ratio::new(BigInt::from(self.units()), BigInt::from(UNIT))
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        plain(u64::from(self.units())).fmt(f)
    }
}

/// Billionths as a decimal without trailing zeros.
fn plain(units: u64) -> Decimal {
    Decimal::from_i128_with_scale(i128::from(units), PLACES).normalize()
}

/// What an exact half of the last place does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// It goes away from zero.
    Up,
    /// It goes to the even neighbour.
    Even,
}

/// An exact rational number; its denominator is positive. It is not kept in lowest terms.
#[derive(Clone, Debug)]
pub struct Ratio {
    numerator: BigInt,
    denominator: BigInt,
}

impl Ratio {
    /// `numerator / denominator`; the denominator must be positive.
    pub fn new(numerator: BigInt, denominator: BigInt) -> Self {
        debug_assert!(denominator.sign() == Sign::Plus);
        Self { numerator, denominator }
    }

    /// Nothing.
    pub fn zero() -> Self {
        Self::new(BigInt::ZERO, BigInt::from(1))
    }

    /// A decimal, exactly.
    pub fn from_decimal(decimal: Decimal) -> Self {
        Self::new(decimal.mantissa().into(), BigInt::from(10).pow(decimal.scale()))
    }

    /// The part above the line.
    pub fn numerator(&self) -> &BigInt {
        &self.numerator
    }

    /// The part below the line.
    pub fn denominator(&self) -> &BigInt {
        &self.denominator
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.numerator.sign() == Sign::NoSign
    }

    /// The sum.
    pub fn plus(&self, other: &Self) -> Self {
        if self.denominator == other.denominator {
            return Self::new(&self.numerator + &other.numerator, self.denominator.clone());
        }
        Self::new(
            &self.numerator * &other.denominator + &other.numerator * &self.denominator,
            &self.denominator * &other.denominator,
        )
    }

    /// The difference.
    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&Self::new(-&other.numerator, other.denominator.clone()))
    }

    /// The product.
    pub fn times(&self, other: &Self) -> Self {
        Self::new(&self.numerator * &other.numerator, &self.denominator * &other.denominator)
    }

    /// The product with a whole number.
    pub fn scaled(&self, factor: u64) -> Self {
        Self::new(&self.numerator * factor, self.denominator.clone())
    }

    /// The quotient; none when `other` is nothing.
    pub fn over(&self, other: &Self) -> Option<Self> {
        let negative = match other.numerator.sign() {
            Sign::NoSign => return None,
            Sign::Minus => true,
            Sign::Plus => false,
        };
        let numerator = &self.numerator * &other.denominator;
        let denominator = &self.denominator * &other.numerator;
        Some(if negative { Self::new(-numerator, -denominator) } else { Self::new(numerator, denominator) })
    }

    /// The same value in lowest terms, which keeps long sums short.
    #[must_use]
    pub fn reduced(self) -> Self {
        let divisor = self.numerator.gcd(&self.denominator);
        Self::new(self.numerator / &divisor, self.denominator / divisor)
    }

    /// The greatest whole number that is not above it.
    pub fn floor(&self) -> BigInt {
        let cut = &self.numerator / &self.denominator;
        let is_below = self.numerator.sign() == Sign::Minus && &cut * &self.denominator != self.numerator;
        cut - i32::from(is_below)
    }

    /// The nearest whole number.
    pub fn rounded(&self, half: Half) -> BigInt {
        let doubled = self.numerator.magnitude() * 2u32;
        let divisor = self.denominator.magnitude();
        let below = self.numerator.magnitude() / divisor;
        let rest = doubled - &below * divisor * 2u32;
        let up = match rest.cmp(divisor) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => half == Half::Up || below.bit(0),
        };
        let magnitude = BigInt::from(below) + i32::from(up);
        if self.numerator.sign() == Sign::Minus { -magnitude } else { magnitude }
    }

    /// A float near it, for display and for bounds that allow for its error (a few units in the last place).
    pub fn to_f64(&self) -> f64 {
        // Both parts are cut to 64 significant bits first: a long one alone would overflow to infinity.
        let cut = |part: &BigInt| {
            let shift = part.bits().saturating_sub(64);
            let head = u64::try_from(part.magnitude() >> shift).unwrap_or(u64::MAX);
            (head as f64, shift as i64)
        };
        let (numerator, up) = cut(&self.numerator);
        let (denominator, down) = cut(&self.denominator);
        let exponent = i32::try_from(up - down).unwrap_or(0);
        let magnitude = numerator / denominator * 2f64.powi(exponent);
        if self.numerator.sign() == Sign::Minus { -magnitude } else { magnitude }
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ratio {}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}

/// A number answered to a `number` scale: exact, as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    numerator: i128,
    /// Above 0.
    denominator: i128,
}

/// Most digits before and after the decimal mark of an answered number.
const ANSWER_DIGITS: usize = 15;

impl Quantity {
    /// Reads 1 to 15 digits, optionally a comma or point and 1 to 15 digits more, with an optional
    /// sign. A comma is always a decimal one; there is no exponent and no grouping.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, places) = match digits.split_once(['.', ',']) {
            Some((whole, places)) => (whole, places),
            None => (digits, ""),
        };
        let within =
            |part: &str| part.len() <= ANSWER_DIGITS && part.bytes().all(|byte| byte.is_ascii_digit());
        let bare_mark = places.is_empty() && digits.len() != whole.len();
        if whole.is_empty() || !within(whole) || !within(places) || bare_mark {
            return None;
        }
        let all = whole.bytes().chain(places.bytes());
        let magnitude = all.fold(0, |number, digit| number * 10 + i128::from(digit - b'0'));
        let numerator = if text.starts_with('-') { -magnitude } else { magnitude };
        Some(Self { numerator, denominator: 10i128.pow(places.len() as u32) })
    }

    /// `100 a / b` of two whole numbers, `0 <= a <= b` and `b` above 0.
    pub fn share(part: u64, whole: u64) -> Self {
        Self { numerator: i128::from(part) * 100, denominator: i128::from(whole) }
    }

    /// The number above the line and the one below it, which is above 0; not in lowest terms.
    pub fn parts(&self) -> (i128, i128) {
        (self.numerator, self.denominator)
    }

    /// The exact value.
    pub fn value(&self) -> Ratio {
        Ratio::new(self.numerator.into(), self.denominator.into())
    }
}

impl From<Decimal> for Quantity {
    fn from(decimal: Decimal) -> Self {
        Self { numerator: decimal.mantissa(), denominator: 10i128.pow(decimal.scale()) }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = self.numerator.checked_mul(other.denominator);
        let right = other.numerator.checked_mul(self.denominator);
        match (left, right) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => self.value().cmp(&other.value()),
        }
    }
}

impl fmt::Display for Quantity {
    /// The decimal that was answered; a share that is none, to nine places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value();
        let units = value.scaled(UNIT).rounded(Half::Up);
        let units = i128::try_from(&units).unwrap_or(i128::MAX);
        match Decimal::try_from_i128_with_scale(units, PLACES) {
            Ok(decimal) => decimal.normalize().fmt(f),
            Err(_) => value.rounded(Half::Up).fmt(f),
        }
    }
}

/// A published figure: an exact value times 100, rounded once to a framework's decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Published(
    /// The units, and in the lowest bits one more than the places: a country's figures are to take little
    /// room, and no figure as little as a figure.
    NonZeroI64,
);

impl Published {
    /// How many bits tell the places.
    const PLACES: u32 = 5;
    const MOST_DECIMALS: u32 = (1 << Self::PLACES) - 2;
    /// No figure has more units: a larger one is cut.
    pub const MOST: i64 = i64::MAX >> Self::PLACES;

    /// A figure of so many units of the last of `decimals` places, of which there are at most 30.
    pub fn from_units(units: i64, decimals: u32) -> Self {
        let places = i64::from(decimals.min(Self::MOST_DECIMALS)) + 1;
        Self(
            NonZeroI64::new(units.clamp(-Self::MOST, Self::MOST) << Self::PLACES | places)
                .unwrap_or(NonZeroI64::MIN),
        )
    }

    /// Rounds an exact value (1 is 100 percent) to a figure in percent.
    pub fn from_ratio(value: &Ratio, decimals: u32, half: Half) -> Self {
        let units = value.scaled(100 * 10u64.pow(decimals)).rounded(half);
        Self::from_units(i64::try_from(&units).unwrap_or(i64::MAX), decimals)
    }

    /// How many units of the last place it has.
    pub fn units(self) -> i64 {
        self.0.get() >> Self::PLACES
    }

    /// How many decimal places it shows.
    pub fn decimals(self) -> u32 {
        (self.0.get() & ((1 << Self::PLACES) - 1)) as u32 - 1
    }

    /// The figure in percent.
    pub fn decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.units()), self.decimals())
    }

    /// The exact value of the figure as shown (100 percent is 1).
    pub fn ratio(self) -> Ratio {
        Ratio::new(BigInt::from(self.units()), BigInt::from(100 * 10u64.pow(self.decimals())))
    }
}

impl Published {
    /// The most bytes of its text: digits, one of them before the mark, a mark and a sign.
    const LONGEST: usize = Self::MOST_DECIMALS as usize + 3;

    /// Adds its text to bytes, with this decimal mark: tables of a country's figures are written with it.
    pub fn put(self, mark: u8, out: &mut Vec<u8>) {
        let mut text = [b'0'; Self::LONGEST];
        let begin = self.text(mark, &mut text);
        out.extend_from_slice(&text[begin..]);
    }

    /// Writes its text to the end of some zeros, two digits at a time from the last; gives where it begins.
    fn text(self, mark: u8, text: &mut [u8; Self::LONGEST]) -> usize {
        let mut whole = self.units().unsigned_abs();
        let mut at = text.len();
        let first = at - self.decimals() as usize;
        if first < at {
            while first + 1 < at {
                at -= 2;
                put_pair(whole % 100, text, at);
                whole /= 100;
            }
            if first < at {
                at -= 1;
                text[at] = b'0' + (whole % 10) as u8;
                whole /= 10;
            }
            at -= 1;
            text[at] = mark;
        }
        at = put_digits(whole, text, at).min(at - 1);
        if self.units() < 0 {
            at -= 1;
            text[at] = b'-';
        }
        at
    }
}

/// Writes the two digits of a number below 100.
fn put_pair(number: u64, text: &mut [u8], at: usize) {
    let pair = number as u8;
    (text[at], text[at + 1]) = (b'0' + pair / 10, b'0' + pair % 10);
}

/// Writes the digits of a number, none for nothing, so that they end at a position; gives where they begin.
fn put_digits(mut number: u64, text: &mut [u8], end: usize) -> usize {
    let mut at = end;
    while number >= 10 {
        let pair = number % 100;
        number /= 100;
        at -= 2;
        put_pair(pair, text, at);
    }
    if number > 0 {
        at -= 1;
        text[at] = b'0' + number as u8;
    }
    at
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [b'0'; Self::LONGEST];
        let begin = self.text(b'.', &mut text);
        f.write_str(std::str::from_utf8(&text[begin..]).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_keep_every_digit_and_refuse_what_is_no_plain_number() {
        assert_eq!(Weight::parse("0.123456789").map(Weight::units), Ok(123_456_789));
        assert_eq!(Weight::parse("999999999.999999999").map(Weight::units), Ok(999_999_999_999_999_999));
        assert_eq!(Weight::parse("1000000000"), Err(NumberFault::TooLarge));
        assert_eq!(Weight::parse("0.1234567891"), Err(NumberFault::TooManyPlaces));
        assert_eq!(Weight::parse("-1"), Err(NumberFault::TooSmall));
        for text in ["", "1_000", "010", "1e3", ".5", "5.", "1,5", "+1", "0x1", " 1", "NaN"] {
            assert_eq!(Weight::parse(text), Err(NumberFault::Malformed), "{text}");
        }
    }

    #[test]
    fn quantities_are_exact_and_no_grouping_is_guessed() {
        let value = |text: &str| Quantity::parse(text).map(|quantity| quantity.value());
        let ratio = |a: i64, b: i64| Some(Ratio::new(a.into(), b.into()));
        assert_eq!(value("96,5"), ratio(193, 2));
        assert_eq!(value("-0.25"), ratio(-1, 4));
        assert_eq!(value("+007"), ratio(7, 1));
        for text in ["1,234.5", "1 234", ".5", "5.", "1e3", "--1", "", "1234567890123456", "١٢"] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn figures_show_as_many_places_as_they_have() {
        let shown = |units, decimals| Published::from_units(units, decimals).to_string();
        assert_eq!(shown(8_381, 2), "83.81");
        assert_eq!(shown(5, 3), "0.005");
        assert_eq!(shown(-5, 0), "-5");
        for units in [0, 1, -1, 9, 10, -99, 100, 12_345, 10_000_000_000, -100_000_000_007] {
            for decimals in 0..=28 {
                let figure = Published::from_units(units, decimals);
                assert_eq!((figure.units(), figure.decimals()), (units, decimals));
                assert_eq!(figure.to_string(), figure.decimal().to_string());
            }
        }
    }

    #[test]
    fn an_exact_half_goes_where_the_policy_says() {
        // (3 + 1.705) / 8 = 0.588125, the example of the published arithmetic.
        let value = Ratio::new(588_125.into(), 1_000_000.into());
        assert_eq!(Published::from_ratio(&value, 3, Half::Up).to_string(), "58.813");
        assert_eq!(Published::from_ratio(&value, 3, Half::Even).to_string(), "58.812");
        let third = Ratio::new(5.into(), 6.into());
        assert_eq!(Published::from_ratio(&third, 2, Half::Up).to_string(), "83.33");
    }
}
