/** The program that a part's start runs. */
export interface LaunchCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Everything the stack must know about a process that it can start. */
export interface PartSpec {
  readonly name: string;
  readonly logFile: string;
  readonly pidFile: string;
  readonly dataDir: string;
  /** The ports on 127.0.0.1, by purpose. */
  readonly ports: Readonly<Record<string, number>>;
  /** Fetches and creates what the process needs on disk. Called before every start; returns the program to run. */
  readonly prepare: () => Promise<LaunchCommand>;
  /** True when the part works. It is asked repeatedly until then, and rejects only for a permanent reason. */
  readonly probe: () => Promise<boolean>;
  readonly startTimeoutMs: number;
  /** Time from SIGTERM to SIGKILL. */
  readonly stopGraceMs: number;
}

/** How a part is started. */
export interface StartOptions {
  /** True: it outlives this process. False: it ends with this process, however this process ends. */
  readonly outlive: boolean;
  /** With `outlive: false`, the time from SIGTERM to SIGKILL when this process ends first; 0 kills at once. */
  readonly orphanGraceMs?: number;
}
