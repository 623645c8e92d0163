//! A figure as SVG: axes, whiskers, a legend. Colours follow the reader's light or dark theme.

use std::fmt::Write;

use super::figures::{Figure, Mark, Point, Series};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
/// Room around the plot: left, right, top, bottom.
const LEFT: f64 = 72.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 64.0;
/// More room below for names that stand upright.
const UPRIGHT: f64 = 76.0;
/// Names that fit side by side.
const SIDE_BY_SIDE: usize = 8;
/// Colours that are told apart by people with any colour vision (Okabe and Ito), the first for the light theme alone.
const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f"];

/// Where values are drawn.
struct Frame {
    x: (f64, f64),
    y: (f64, f64),
    bottom: f64,
}

/// The figure as an SVG document.
pub fn render(figure: &Figure) -> String {
    let upright = figure.places.len() > SIDE_BY_SIDE;
    let frame = Frame::new(figure, if upright { BOTTOM + UPRIGHT } else { BOTTOM });
    let height = TOP + (HEIGHT - TOP - BOTTOM) + frame.bottom;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n"
    );
    let _ = writeln!(out, "<title>{}</title>", escaped(&figure.title));
    out += "<style>svg{color:#1a1a1a;background:#fff}@media(prefers-color-scheme:dark){svg{color:#eee;background:#161616}}</style>\n";
    let _ = writeln!(out, "<text x=\"{LEFT}\" y=\"24\" font-size=\"15\" fill=\"currentColor\">{}</text>", escaped(&figure.title));
    axes(&mut out, figure, &frame, upright, height);
    for (number, series) in figure.series.iter().enumerate() {
        draw(&mut out, series, &frame, COLOURS[number % COLOURS.len()], offset(figure, number));
    }
    legend(&mut out, figure);
    out += "</svg>\n";
    out
}

impl Frame {
    fn new(figure: &Figure, bottom: f64) -> Self {
        let points = || figure.series.iter().flat_map(|series| &series.points);
        let xs = points().map(|point| point.x);
        let ys = points().flat_map(|point| point.interval.map_or(vec![point.y], |[low, high]| vec![low, high]));
        let (low, high) = range(xs);
        let x = if figure.places.is_empty() { (low, high) } else { (-0.5, figure.places.len() as f64 - 0.5) };
        let (low, high) = range(ys);
        // Scores begin at nothing; a figure that stays far from it would be flat.
        let floor = if low >= 0.0 && low < 0.6 * high { 0.0 } else { low };
        Self { x, y: (floor, high + 0.05 * (high - floor)), bottom }
    }

    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |value: f64, (low, high): (f64, f64)| if high > low { (value - low) / (high - low) } else { 0.5 };
        let (inner, tall) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        (LEFT + inner * share(x, self.x), TOP + tall * (1.0 - share(y, self.y)))
    }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

/// Series over the same places stand side by side.
fn offset(figure: &Figure, number: usize) -> f64 {
    let side_by_side = !figure.places.is_empty() && figure.series.iter().all(|series| series.mark == Mark::Dot);
    if side_by_side { 8.0 * (number as f64 - (figure.series.len() as f64 - 1.0) / 2.0) } else { 0.0 }
}

fn axes(out: &mut String, figure: &Figure, frame: &Frame, upright: bool, height: f64) {
    let (left, base) = frame.place(frame.x.0, frame.y.0);
    let (right, _) = frame.place(frame.x.1, frame.y.0);
    for tick in ticks(frame.y) {
        let (_, y) = frame.place(frame.x.0, tick);
        let _ = writeln!(
            out,
            "<path d=\"M{left:.1} {y:.1}H{right:.1}\" stroke=\"currentColor\" stroke-opacity=\".15\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"currentColor\">{}</text>",
            left - 8.0,
            y + 4.0,
            shown(tick)
        );
    }
    let _ = writeln!(out, "<path d=\"M{left:.1} {base:.1}H{right:.1}\" stroke=\"currentColor\"/>");
    let named = |place: usize| (place as f64, figure.places[place].clone());
    let marks: Vec<(f64, String)> = if figure.places.is_empty() {
        ticks(frame.x).into_iter().map(|tick| (tick, shown(tick))).collect()
    } else {
        (0..figure.places.len()).map(named).collect()
    };
    for (x, name) in marks {
        let (x, _) = frame.place(x, frame.y.0);
        let name = escaped(&name);
        let _ = if upright {
            let (x, y) = (x + 4.0, base + 10.0);
            writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\" transform=\"rotate(-60 {x:.1} {y:.1})\" fill=\"currentColor\">{name}</text>"
            )
        } else {
            writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"currentColor\">{name}</text>",
                base + 18.0
            )
        };
    }
    let middle = f64::midpoint(left, right);
    let _ = writeln!(
        out,
        "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"currentColor\">{}</text>",
        height - 14.0,
        escaped(&figure.x)
    );
    let at = f64::midpoint(TOP, base);
    let _ = writeln!(
        out,
        "<text x=\"18\" y=\"{at:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 18 {at:.1})\" fill=\"currentColor\">{}</text>",
        escaped(&figure.y)
    );
}

fn draw(out: &mut String, series: &Series, frame: &Frame, colour: &str, offset: f64) {
    let at = |point: &Point| {
        let (x, y) = frame.place(point.x, point.y);
        (x + offset, y)
    };
    if series.mark == Mark::Line {
        let path: Vec<String> = series.points.iter().map(at).map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        let _ = writeln!(out, "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>", path.join("L"));
    }
    for point in &series.points {
        let (x, y) = at(point);
        if let Some([low, high]) = point.interval {
            let (top, bottom) = (frame.place(point.x, high).1, frame.place(point.x, low).1);
            let _ = writeln!(out, "<path d=\"M{x:.1} {top:.1}V{bottom:.1}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>");
        }
        if series.mark == Mark::Line && point.interval.is_none() && point.label.is_none() {
            continue;
        }
        let title = point.label.as_deref().map_or(String::new(), |label| format!("<title>{}</title>", escaped(label)));
        let _ = writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\">{title}</circle>");
        if let Some(label) = &point.label {
            let (anchor, x) = if x > WIDTH * 0.7 { ("end", x - 7.0) } else { ("start", x + 7.0) };
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" font-size=\"10\" fill=\"currentColor\">{}</text>",
                y + 3.0,
                escaped(label)
            );
        }
    }
}

fn legend(out: &mut String, figure: &Figure) {
    if figure.series.len() < 2 {
        return;
    }
    // Few names fit in a line; more go down the right side.
    let down = figure.series.len() > 3;
    for (number, series) in figure.series.iter().enumerate() {
        let (x, y) =
            if down { (WIDTH - 150.0, TOP + 12.0 + 15.0 * number as f64) } else { (WIDTH - 420.0 + 170.0 * number as f64, 24.0) };
        let colour = COLOURS[number % COLOURS.len()];
        let _ = writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{y:.1}\" fill=\"currentColor\">{}</text>",
            y - 4.0,
            x + 9.0,
            escaped(&series.name)
        );
    }
}

/// About five round numbers within a range.
fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    if high <= low {
        return vec![low];
    }
    let rough = (high - low) / 5.0;
    let magnitude = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * magnitude).into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let first = (low / step).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|number| number as f64 * step).collect()
}

/// A number with as many digits as it needs, few.
fn shown(value: f64) -> String {
    if value != 0.0 && (value.abs() < 1e-3 || value.abs() >= 1e6) {
        return format!("{value:.0e}");
    }
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(places: &[&str], points: Vec<Point>) -> Figure {
        Figure {
            id: "f".into(),
            title: "A < B & C".into(),
            x: "x".into(),
            y: "y".into(),
            places: places.iter().map(ToString::to_string).collect(),
            series: vec![Series { name: "s".into(), mark: Mark::Line, points }],
        }
    }

    fn point(x: f64, y: f64, interval: Option<[f64; 2]>) -> Point {
        Point { x, y, interval, label: None }
    }

    #[test]
    fn what_is_higher_is_drawn_higher_and_everything_is_inside() {
        let figure = figure(&["2", "4"], vec![point(0.0, 0.02, Some([0.01, 0.03])), point(1.0, 0.04, Some([0.03, 0.05]))]);
        let svg = render(&figure);
        let circles: Vec<(f64, f64)> = svg
            .lines()
            .filter(|line| line.starts_with("<circle"))
            .map(|line| (attribute(line, "cx"), attribute(line, "cy")))
            .collect();
        assert!(circles[0].0 < circles[1].0 && circles[0].1 > circles[1].1, "{circles:?}");
        assert!(circles.iter().all(|&(x, y)| (LEFT..WIDTH).contains(&x) && (TOP..HEIGHT).contains(&y)), "{circles:?}");
        assert!(svg.contains("<title>A &lt; B &amp; C</title>") && svg.trim_end().ends_with("</svg>"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn one_point_and_equal_points_are_drawn() {
        for points in [vec![point(3.0, 0.5, None)], vec![point(0.0, 0.0, None), point(0.0, 0.0, None)], vec![]] {
            let svg = render(&figure(&[], points));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks((0.0, 1.0)).iter().map(|tick| shown(*tick)).collect::<Vec<_>>(), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(shown(0.05), "0.05");
        assert_eq!(shown(2e-5), "2e-5");
    }

    fn attribute(line: &str, name: &str) -> f64 {
        let rest = line.split_once(&format!("{name}=\"")).unwrap().1;
        rest.split_once('"').unwrap().0.parse().unwrap()
    }
}
