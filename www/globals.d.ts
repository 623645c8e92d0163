/** `cargo xtask web` writes it above the service worker. */
declare const SITE: {
  /** Changes whenever a file does. */
  version: string;
  /** Paths from the root, with the first digits of each file's SHA-256. */
  files: Record<string, string>;
  /** Those of them that are kept only once they were asked for. */
  onDemand: string[];
};
