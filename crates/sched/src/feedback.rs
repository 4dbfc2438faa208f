/// How much one success or failure counts: a number, or a number over the window or its square root.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Feedback {
    /// The same at every concurrency.
    Constant(f64),
    /// `N/concurrency`.
    Concurrency(f64),
    /// `N/sqrt_concurrency`.
    SqrtConcurrency(f64),
}

impl Feedback {
    /// Reads `0.5`, `1/concurrency`, `1/sqrt_concurrency`. `None` for anything else, and for numbers below 0 or above 1.
    pub fn parse(text: &str) -> Option<Feedback> {
        let (number, divisor) = text.split_once('/').map_or((text, ""), |(n, d)| (n, d.trim()));
        let number: f64 = number.trim().parse().ok()?;
        if !(0.0..=1.0).contains(&number) {
            return None;
        }
        match divisor {
            "" => Some(Feedback::Constant(number)),
            "concurrency" => Some(Feedback::Concurrency(number)),
            "sqrt_concurrency" => Some(Feedback::SqrtConcurrency(number)),
            other => other.parse::<f64>().ok().filter(|d| *d >= 1.0).map(|d| Feedback::Constant(number / d)),
        }
    }

    /// The amount at a window.
    pub fn at(self, window: usize) -> f64 {
        let window = window.max(1) as f64;
        match self {
            Feedback::Constant(n) => n,
            Feedback::Concurrency(n) => n / window,
            Feedback::SqrtConcurrency(n) => n / window.sqrt(),
        }
    }

    /// So much has to come together before the window changes: as many steps as one makes at a time.
    pub fn hysteresis(self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(Feedback::parse("1"), Some(Feedback::Constant(1.0)));
        assert_eq!(Feedback::parse("1/concurrency").map(|f| f.at(4)), Some(0.25));
        assert_eq!(Feedback::parse("1/sqrt_concurrency").map(|f| f.at(4)), Some(0.5));
        assert_eq!(Feedback::parse("1/5").map(|f| f.at(9)), Some(0.2));
        for bad in ["", "x", "2", "1/x", "-1"] {
            assert_eq!(Feedback::parse(bad), None, "{bad}");
        }
    }
}
