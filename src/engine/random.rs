//! Random numbers that never change: the same seed gives the same draws in every version, on every
//! platform, whatever the number of threads.

use super::elementary::{exp, ln};

/// A stream of random numbers (SplitMix64: Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

/// The golden ratio's fraction, in 64 bits.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Random {
    /// One of the streams of a seed; streams can be drawn from in any order.
    pub fn of(seed: u64, stream: u64) -> Self {
        Self(mixed(mixed(seed.wrapping_add(STEP)) ^ mixed(stream.wrapping_mul(STEP).wrapping_add(1))))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// From 0 up to, not including, 1, all multiples of 2^-53 alike.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A position below `count`, which is small against 2^53.
    pub fn below(&mut self, count: usize) -> usize {
        (self.uniform() * count as f64) as usize
    }

    /// Of the standard normal distribution (Marsaglia and Bray 1964, the polar method).
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * ln(square) / square).sqrt();
            }
        }
    }

    /// Of the gamma distribution with this shape and scale 1 (Marsaglia and Tsang 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let power = ln(1.0 - self.uniform()) / shape;
            return self.gamma(shape + 1.0) * exp(power);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v > 0.0 {
                let cube = v * v * v;
                if ln(1.0 - self.uniform()) < 0.5 * x * x + d - d * cube + d * ln(cube) {
                    return d * cube;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These numbers are promised: they must never change.
    #[test]
    fn the_streams_are_fixed() {
        let mut random = Random::of(1, 0);
        assert_eq!([random.bits(), random.bits()], FIRST);
        assert_ne!(Random::of(1, 1).bits(), FIRST[0]);
        assert_ne!(Random::of(2, 0).bits(), FIRST[0]);
    }

    /// Computed with Python's integers.
    const FIRST: [u64; 2] = [0xd674436882ba51d9, 0x2212715cfd10d2ad];

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut random = Random::of(7, 0);
        let draws = 200_000;
        let mut moments = |draw: &mut dyn FnMut(&mut Random) -> f64| {
            let list: Vec<f64> = (0..draws).map(|_| draw(&mut random)).collect();
            let mean = list.iter().sum::<f64>() / f64::from(draws);
            (mean, list.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(draws))
        };
        let near = |found: (f64, f64), mean: f64, variance: f64| {
            assert!((found.0 - mean).abs() < 0.02 && (found.1 - variance).abs() < 0.06, "{found:?}");
        };
        near(moments(&mut Random::uniform), 0.5, 1.0 / 12.0);
        near(moments(&mut Random::normal), 0.0, 1.0);
        near(moments(&mut |random| random.gamma(2.5)), 2.5, 2.5);
        near(moments(&mut |random| random.gamma(0.4)), 0.4, 0.4);
    }
}
