//! Which file imports which, and the cycles among them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::fault::Fault;

/// Imports of one file from another: lines, and the paths that they name, as they are written.
type Edge = BTreeMap<usize, BTreeSet<String>>;

/// Files and their imports.
#[derive(Debug, Default, Clone)]
pub struct Graph {
    edges: BTreeMap<String, BTreeMap<String, Edge>>,
}

impl Graph {
    /// `from` imports `path` in `line`, which is in the file `to`. A file that imports from itself is no matter.
    pub fn add(&mut self, from: &str, line: usize, path: &str, to: &str) {
        if from != to {
            let edge = self.edges.entry(from.to_owned()).or_default().entry(to.to_owned()).or_default();
            edge.entry(line).or_default().insert(path.to_owned());
        }
    }

    /// Whether one file imports another.
    pub fn imports(&self, from: &str, to: &str) -> bool {
        self.edges.get(from).is_some_and(|targets| targets.contains_key(to))
    }

    /// One fault for each group of files that import each other. It shows cycles one of whose steps must go, shortest
    /// first, as many as it takes until none is left.
    pub fn faults(&self) -> Vec<Fault> {
        self.components().into_iter().map(|files| self.within(&files).fault(&files)).collect()
    }

    fn fault(mut self, files: &BTreeSet<&str>) -> Fault {
        let names: Vec<&str> = files.iter().copied().collect();
        let mut text = format!("{} files import each other in a cycle: {}", names.len(), names.join(", "));
        let line = self.edges[names[0]].values().flat_map(BTreeMap::keys).min().copied();
        while let Some(cycle) = self.shortest_cycle() {
            text.push_str(&format!("\n  {}", cycle.join(" → ")));
            for step in cycle.windows(2) {
                for (line, paths) in &self.edges[&step[0]][&step[1]] {
                    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
                    text.push_str(&format!("\n    {}:{line}: {} → {}", step[0], paths.join(", "), step[1]));
                }
            }
            self.remove_weakest_step(&cycle);
        }
        Fault::new(names[0], line.unwrap_or(1), text)
    }

    /// Only these files, and the imports between them.
    fn within(&self, files: &BTreeSet<&str>) -> Self {
        let mut graph = self.clone();
        graph.edges.retain(|from, _| files.contains(from.as_str()));
        for to in graph.edges.values_mut() {
            to.retain(|to, _| files.contains(to.as_str()));
        }
        graph
    }

    /// Of equally short cycles, the first by name. Begins and ends with the same file.
    fn shortest_cycle(&self) -> Option<Vec<String>> {
        let cycles = self.edges.keys().filter_map(|file| self.path_back(file));
        cycles.min_by_key(Vec::len)
    }

    /// The shortest way from a file to itself, by breadth-first search.
    fn path_back(&self, start: &str) -> Option<Vec<String>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(file) = queue.pop_front() {
            for to in self.targets(file) {
                if to == start {
                    let mut path = vec![start, file];
                    while let Some(before) = came_from.get(path[path.len() - 1]) {
                        path.push(before);
                    }
                    path.reverse();
                    return Some(path.into_iter().map(str::to_owned).collect());
                }
                if !came_from.contains_key(to) {
                    came_from.insert(to, file);
                    queue.push_back(to);
                }
            }
        }
        None
    }

    /// Removes the step of a cycle that has the fewest imports.
    fn remove_weakest_step(&mut self, cycle: &[String]) {
        let weight = |step: &&[String]| -> usize { self.edges[&step[0]][&step[1]].values().map(BTreeSet::len).sum() };
        let weakest = cycle.windows(2).min_by_key(weight);
        if let Some([from, to]) = weakest
            && let Some(edges) = self.edges.get_mut(from)
        {
            edges.remove(to);
        }
    }

    fn targets(&self, file: &str) -> impl Iterator<Item = &str> {
        self.edges.get(file).into_iter().flat_map(BTreeMap::keys).map(String::as_str)
    }

    /// Strongly connected components of more than one file: whatever reaches a file and is reached from it.
    fn components(&self) -> BTreeSet<BTreeSet<&str>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.edges.keys().map(|file| (file.as_str(), self.reachable(file))).collect();
        let component = |file: &&str| -> BTreeSet<&str> {
            let mutual = reached[file].iter().filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)));
            mutual.copied().collect()
        };
        reached.keys().map(component).filter(|files| files.len() > 1).collect()
    }

    /// Everything that a file imports, directly or not; itself only if there is a cycle.
    fn reachable(&self, file: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut stack: Vec<&str> = self.targets(file).collect();
        while let Some(next) = stack.pop() {
            if reached.insert(next) {
                stack.extend(self.targets(next));
            }
        }
        reached
    }
}
