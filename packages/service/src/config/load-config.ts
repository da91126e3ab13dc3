import type { z } from 'zod';

/** One setting: a row of the table that gives the parser, `.env.example` and the docs. */
export interface Setting<T> {
  /** Name of the environment variable. */
  readonly env: string;
  /** The text to use when the variable is unset or blank. */
  readonly default: string;
  /** What the setting means, with its unit. */
  readonly description: string;
  /** Parses and checks the text. */
  readonly schema: z.ZodType<T, string>;
  /** A secret value is never shown. */
  readonly secret?: boolean;
}

/** A service's table of settings. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of a table of settings. */
export type Config<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** The configuration is wrong. `faults` names every wrong setting, not just the first. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`invalid configuration:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * Reads a table of settings from the environment.
 *
 * @param contradictions names what is wrong between settings that are right by themselves. Each sentence names the
 * variables of all its settings; it is left out while one of them is wrong by itself
 * @throws ConfigError with all faults at once
 */
export function loadConfig<S extends Settings>(
  settings: S,
  env: NodeJS.ProcessEnv,
  contradictions: (config: Config<S>) => readonly string[] = () => [],
): Config<S> {
  const faults: string[] = [];
  const faulty = new Set<string>();
  let comparable = true;
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const given = env[setting.env];
    const result = setting.schema.safeParse(given === undefined || given === '' ? setting.default : given);
    if (result.success) values[name] = result.data;
    else {
      faults.push(...result.error.issues.map((issue) => `${setting.env}: ${issue.message}`));
      faulty.add(setting.env);
      // The default stands in, so the same run finds contradictions between the other settings.
      const standIn = setting.schema.safeParse(setting.default);
      if (standIn.success) values[name] = standIn.data;
      else comparable = false;
    }
  }
  const config = values as Config<S>;
  const clashes = comparable ? contradictions(config) : [];
  faults.push(...clashes.filter((clash) => !variablesIn(clash).some((variable) => faulty.has(variable))));
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

function variablesIn(sentence: string): readonly string[] {
  return sentence.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? [];
}
