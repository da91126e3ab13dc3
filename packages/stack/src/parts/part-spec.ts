/** What is run when a part is started. */
export interface LaunchCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Everything there is to know about a process that the stack can start. */
export interface PartSpec {
  readonly name: string;
  readonly logFile: string;
  readonly pidFile: string;
  readonly dataDir: string;
  /** What listens where on 127.0.0.1, by purpose. */
  readonly ports: Readonly<Record<string, number>>;
  /** Fetches and makes what the process needs on disk, before every start, and says what to run. */
  readonly prepare: () => Promise<LaunchCommand>;
  /** True when the part does its work; asked again and again until then. Rejects for no transient reason. */
  readonly probe: () => Promise<boolean>;
  readonly startTimeoutMs: number;
  /** Time from SIGTERM to SIGKILL. */
  readonly stopGraceMs: number;
}

/** How a part is started. */
export interface StartOptions {
  /** True: it lives on when this process ends. False: it ends with this process, however that ends. */
  readonly outlive: boolean;
  /** With `outlive: false`, the time from SIGTERM to SIGKILL when this process ends first; 0 kills at once. */
  readonly orphanGraceMs?: number;
}
