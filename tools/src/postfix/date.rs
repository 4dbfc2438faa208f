use std::process::Command;

/// The time now in a form of strftime(3), for a part of a file name. The program date(1) knows all such forms.
///
/// # Errors
/// The form gives nothing that can be a part of a file name.
pub(super) fn date(form: &str, utc: bool) -> Result<String, String> {
    let out = Command::new("date").args(utc.then_some("-u")).arg(format!("+{form}")).output();
    let text = out.ok().filter(|o| o.status.success()).map(|o| String::from_utf8_lossy(&o.stdout).trim_end().to_owned());
    text.filter(|t| !t.is_empty() && !t.contains('/')).ok_or_else(|| format!("\"{form}\" gives no name of a file"))
}
