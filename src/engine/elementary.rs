//! Logarithm and exponential of floats with the same bits on every platform: only additions,
//! multiplications and divisions, which IEEE 754 fixes. For draws, never for published figures.

const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// The natural logarithm of a number from 0 on: `ln m + k ln 2` for `m 2^k`, `m` near 1, with
/// `ln m = 2 (z + z^3/3 + z^5/5 + ...)`, `z = (m - 1) / (m + 1)`.
pub fn ln(x: f64) -> f64 {
    if x <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let x_bits = x.to_bits();
    let mut exponent = (x_bits >> 52) as i64 - 1023;
    let mut m = f64::from_bits(x_bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000);
    if m > std::f64::consts::SQRT_2 {
        m *= 0.5;
        exponent += 1;
    }
    let z = (m - 1.0) / (m + 1.0);
    let square = z * z;
    let mut sum = 0.0;
    for divisor in [23.0, 21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * square + 1.0 / divisor;
    }
    exponent as f64 * LN_2_HIGH + (2.0 * z * sum + exponent as f64 * LN_2_LOW)
}

/// `e^x` of a number up to 700: `2^k e^r` for `x = k ln 2 + r`, `|r| <= ln 2 / 2`, by Taylor's series.
pub fn exp(x: f64) -> f64 {
    if x < -700.0 {
        return 0.0;
    }
    let halvings = (x * std::f64::consts::LOG2_E + 0.5).floor();
    let r = x - halvings * LN_2_HIGH - halvings * LN_2_LOW;
    let mut sum = 1.0;
    for divisor in [13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        sum = 1.0 + sum * r / divisor;
    }
    sum * f64::from_bits(((halvings as i64 + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_near_the_true_values() {
        for step in 1..2_000 {
            let x = f64::from(step) * 0.003;
            assert!((ln(x) - x.ln()).abs() < 1e-14 * x.ln().abs().max(1.0), "ln {x}");
            assert!((exp(-x) - (-x).exp()).abs() < 1e-14 * (-x).exp(), "exp -{x}");
        }
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert_eq!((exp(f64::NEG_INFINITY), exp(0.0), ln(1.0)), (0.0, 1.0, 0.0));
    }
}
