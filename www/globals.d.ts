/** Written above the service worker by `cargo xtask web`. */
declare const SITE: {
  /** Changes with every file. */
  version: string;
  /** Paths from the root, and how their SHA-256 begins. */
  files: Record<string, string>;
};
