//! Why a parameter is accepted without effect. A test of the whole tree reads the sources: a parameter that a program comes to read loses this
//! mark in its declaration with the same change, and no other lacks it.

/// Why a parameter has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inert {
    /// Access restrictions and policy services of smtpd.
    Restrictions,
    /// Address verification.
    Verify,
    /// Authentication.
    Sasl,
    /// Encryption.
    Tls,
    /// Mail filters.
    Milters,
    /// The triage of clients before smtpd.
    Postscreen,
    /// A program of ours that does its work without it.
    NotYet,
    /// There is nothing in this system that it could tune.
    Needless,
}

impl Inert {
    /// The rest of a sentence that begins with the parameter.
    pub fn reason(self) -> &'static str {
        match self {
            Inert::Restrictions => "is accepted without effect: the restriction that it belongs to is not there yet",
            Inert::Verify => "is accepted without effect: address verification is not there yet",
            Inert::Sasl => "is accepted without effect: SASL is not there yet",
            Inert::Tls => "is accepted without effect: TLS is not there yet",
            Inert::Milters => "is accepted without effect: milters are not there yet, mail passes without them",
            Inert::Postscreen => "is accepted without effect: postscreen is not there yet",
            Inert::NotYet => "is accepted without effect: the program that reads it does not act on it yet",
            Inert::Needless => "is accepted without effect: there is nothing that it could tune, and it may be removed",
        }
    }
}
