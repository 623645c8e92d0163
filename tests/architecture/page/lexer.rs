//! JavaScript as words, strings, marks and comments: as much of it as finding imports takes.

/// A piece of a script, and the line on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub line: usize,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// An identifier, a keyword or a number.
    Word(String),
    /// A string without its quotes, or a template without substitutions.
    Text(String),
    /// A template with substitutions, whose code follows as tokens of its own; or a regular expression.
    Opaque,
    Mark(char),
    Comment(String),
}

/// Words after which a slash begins a regular expression and divides nothing.
const BEFORE_VALUE: [&str; 9] = ["return", "typeof", "case", "in", "of", "do", "else", "void", "await"];

/// Splits a script.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text: text.chars().collect(), at: 0, line: 1, tokens: Vec::new() };
    lexer.code(false);
    lexer.tokens
}

struct Lexer {
    text: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek(0)?;
        self.at += 1;
        self.line += usize::from(next == '\n');
        Some(next)
    }

    /// Reads on while a condition holds, and returns what was read.
    fn take_while(&mut self, holds: impl Fn(&Self, char) -> bool) -> String {
        let start = self.at;
        while self.peek(0).is_some_and(|next| holds(self, next)) {
            self.next();
        }
        self.text[start..self.at].iter().collect()
    }

    fn push(&mut self, kind: Kind, line: usize) {
        self.tokens.push(Token { kind, line });
    }

    /// Reads code to its end; of a template's substitution, to the closing brace.
    fn code(&mut self, substitution: bool) {
        let mut depth = 0;
        while let Some(next) = self.peek(0) {
            let line = self.line;
            match (next, self.peek(1)) {
                ('}', _) if substitution && depth == 0 => return,
                ('/', Some('/')) => {
                    let comment = self.take_while(|_, next| next != '\n');
                    self.push(Kind::Comment(comment), line);
                }
                ('/', Some('*')) => self.block_comment(line),
                ('/', _) if self.value_expected() => self.regular_expression(line),
                ('\'' | '"', _) => self.string(line),
                ('`', _) => self.template(line),
                _ if is_word(next) => {
                    let word = self.take_while(|_, next| is_word(next));
                    self.push(Kind::Word(word), line);
                }
                _ => {
                    depth += i32::from(next == '{') - i32::from(next == '}');
                    self.next();
                    if !next.is_whitespace() {
                        self.push(Kind::Mark(next), line);
                    }
                }
            }
        }
    }

    fn block_comment(&mut self, line: usize) {
        let mut comment = self.take_while(|lexer, next| !(next == '*' && lexer.peek(1) == Some('/')));
        comment.extend(self.next());
        comment.extend(self.next());
        self.push(Kind::Comment(comment), line);
    }

    fn string(&mut self, line: usize) {
        let quote = self.next();
        let mut text = String::new();
        while let Some(next) = self.next().filter(|next| Some(*next) != quote) {
            text.extend(if next == '\\' { self.next() } else { Some(next) });
        }
        self.push(Kind::Text(text), line);
    }

    fn template(&mut self, line: usize) {
        self.next();
        let start = self.tokens.len();
        let (mut text, mut whole) = (String::new(), true);
        while let Some(next) = self.next().filter(|next| *next != '`') {
            if next == '$' && self.peek(0) == Some('{') {
                whole = false;
                self.next();
                self.code(true);
                self.next();
            } else {
                text.extend(if next == '\\' { self.next() } else { Some(next) });
            }
        }
        self.tokens.insert(start, Token { kind: if whole { Kind::Text(text) } else { Kind::Opaque }, line });
    }

    fn regular_expression(&mut self, line: usize) {
        self.next();
        let mut in_class = false;
        while let Some(next) = self.next().filter(|next| *next != '\n' && (in_class || *next != '/')) {
            match next {
                '\\' => drop(self.next()),
                '[' => in_class = true,
                ']' => in_class = false,
                _ => {}
            }
        }
        self.push(Kind::Opaque, line);
    }

    /// Whether an operand must follow, judged by the token before.
    fn value_expected(&self) -> bool {
        let before = self.tokens.iter().rev().map(|token| &token.kind).find(|kind| !matches!(kind, Kind::Comment(_)));
        match before {
            Some(Kind::Mark(mark)) => !matches!(mark, ')' | ']' | '}'),
            Some(Kind::Word(word)) => BEFORE_VALUE.contains(&word.as_str()),
            Some(_) => false,
            None => true,
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || c == '#'
}
