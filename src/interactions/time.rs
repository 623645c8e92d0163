//! Times as files write them: numbers, or dates.

/// A time: a number as it is, a date in seconds since 1970 (UTC where it names no zone).
pub(super) fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(number) => Some(number).filter(|number| number.is_finite()),
        Err(_) => date(text).or_else(|| date_in_words(text)),
    }
}

/// `2024-05-31`, `2024/05/31 12:30`, `2024-05-31T12:30:15.5Z`, `2024-05-31 12:30:15+02:00`, `2024-05-31 12:30:15 UTC`.
fn date(text: &str) -> Option<f64> {
    let (day, rest) = text.split_at_checked(10)?;
    let separator = day.as_bytes()[4];
    if !matches!(separator, b'-' | b'/') || day.as_bytes()[7] != separator {
        return None;
    }
    let day = days(digits(&day[..4])?, digits(&day[5..7])?, digits(&day[8..])?)?;
    let rest = rest.strip_prefix(['T', ' ']).unwrap_or(rest);
    let (clock, zone) = rest.split_at(rest.find(['Z', '+', '-', ' ', 'U']).unwrap_or(rest.len()));
    Some(day as f64 * 86_400.0 + seconds(clock)? - offset(zone.trim())?)
}

/// `Tue Apr 03 18:00:06 +0000 2012`, as Twitter and Foursquare write, and `Tue Apr  3 18:00:06 2012`.
fn date_in_words(text: &str) -> Option<f64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let (month, day, clock, zone, year) = match words[..] {
        [_, month, day, clock, zone, year] => (month, day, clock, zone, year),
        [_, month, day, clock, year] => (month, day, clock, "", year),
        _ => return None,
    };
    let month = 1 + MONTHS.iter().position(|name| *name == month)?;
    let day = days(digits(year)?, month as i64, digits(day)?)?;
    Some(day as f64 * 86_400.0 + seconds(clock)? - offset(zone)?)
}

/// Seconds since midnight.
fn seconds(clock: &str) -> Option<f64> {
    if clock.is_empty() {
        return Some(0.0);
    }
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let second = parts.next().map_or(Some(0.0), |second| second.parse::<f64>().ok())?;
    let valid = hour < 24 && minute < 60 && (0.0..61.0).contains(&second);
    valid.then_some((hour * 3600 + minute * 60) as f64 + second)
}

/// Seconds by which a zone is ahead of UTC.
fn offset(zone: &str) -> Option<f64> {
    let Some(hours) = zone.strip_prefix(['+', '-']) else { return matches!(zone, "" | "Z" | "UTC").then_some(0.0) };
    let (hour, minute) = hours.split_at_checked(2)?;
    let minute = minute.strip_prefix(':').unwrap_or(minute);
    let seconds = digits(hour)? * 3600 + if minute.is_empty() { 0 } else { digits(minute)? * 60 };
    Some(if zone.starts_with('-') { -(seconds as f64) } else { seconds as f64 })
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that the leap day is their last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, month) = (year.div_euclid(400), (month + 9) % 12);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_are_times() {
        for (text, expected) in [
            ("978300760", 978_300_760.0),
            (" 1.5 ", 1.5),
            ("1260759144.0", 1_260_759_144.0),
            ("1970-01-01", 0.0),
            ("2000-02-29", 951_782_400.0),
            ("2024/05/31 12:30", 1_717_158_600.0),
            ("2024-05-31T12:30:15.5Z", 1_717_158_615.5),
            ("2024-05-31 14:30:15+02:00", 1_717_158_615.0),
            ("2024-05-31 10:00:15-0230", 1_717_158_615.0),
            ("2024-05-31 12:30:15 UTC", 1_717_158_615.0),
            ("Fri May 31 12:30:15 +0000 2024", 1_717_158_615.0),
            ("Fri May 31 14:30:15 +0200 2024", 1_717_158_615.0),
            ("Thu Jan  1 00:00:00 1970", 0.0),
            ("2024-05-31 12:30:15.123456+00:00", 1_717_158_615.123_456),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "soon",
            "nan",
            "inf",
            "31/05/2024",
            "Fri Mai 31 12:30:15 +0000 2024",
            "a May b 12:30:15 2024",
            "09 13, 2009",
            "2024-13-01",
            "2024-05-31 25:00",
            "2024-05-31 5",
            "2024-05-é1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
