use crate::{Decl, SERVICE_PARAMS};

/// Whether a declared name is still one that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A parameter as any other.
    Current,
    /// An older name, read when it is set; postconf shows it only then.
    Old,
    /// No program reads it any more: a setting of it is reported as unused.
    Removed,
    /// Not a parameter but the form of those that begin with a service's name: `transport_time_limit`.
    Form,
}

/// What to do instead of setting a parameter that postfix means to drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    /// Another parameter takes its place.
    Specify(&'static str),
    /// It is best not set.
    LeaveAtDefault,
    /// It will go, with what it does.
    DoNotSpecify,
}

impl Decl {
    /// What became of this name.
    pub fn standing(&self) -> Standing {
        let is_form = self.name.strip_prefix("transport").is_some_and(|suffix| SERVICE_PARAMS.iter().any(|r| r.suffix == suffix));
        if is_form { Standing::Form } else { self.standing }
    }

    /// True for what a program says of itself: a setting in main.cf does not count.
    pub fn is_read_only(&self) -> bool {
        matches!(self.name, "process_id" | "process_name" | "service_name")
    }

    /// What to say of a setting that postfix means to drop: `specify "..."` or `do not specify ...`.
    pub fn replacement(&self) -> Option<String> {
        Some(match self.instead? {
            Instead::Specify(new) => format!("specify \"{new}\""),
            Instead::LeaveAtDefault => "do not specify (leave at default)".to_owned(),
            Instead::DoNotSpecify => "do not specify".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_a_place_is_declared() {
        for decl in crate::all() {
            if let Some(Instead::Specify(new)) = decl.instead {
                assert!(crate::find(new).is_some(), "{new}");
            }
        }
        let replacement = |name: &str| crate::find(name).unwrap().replacement();
        assert_eq!(replacement("smtpd_tls_eecdh_grade").as_deref(), Some("do not specify (leave at default)"));
        assert_eq!(replacement("smtp_cname_overrides_servername").as_deref(), Some("do not specify"));
        assert_eq!(crate::find("virtual_maps").unwrap().standing(), Standing::Old);
    }

    #[test]
    fn forms_of_services() {
        assert_eq!(crate::find("transport_time_limit").unwrap().standing(), Standing::Form);
        assert_eq!(crate::find("transport_retry_time").unwrap().standing(), Standing::Current);
        assert_eq!(crate::all().iter().filter(|d| d.standing() == Standing::Form).count(), SERVICE_PARAMS.len());
    }
}
