import { createRequire } from 'node:module';

// CommonJS whose default export Node and test runners unwrap differently when it is imported.
const { default: mvnArtifactUrl }: typeof import('mvn-artifact-url') = createRequire(import.meta.url)(
  'mvn-artifact-url',
);

/** A Maven artifact, pinned: `id` is `group:artifact:version` or `group:artifact:version:classifier`. */
export interface MavenPin {
  readonly id: string;
  readonly sha256: string;
  readonly size: number;
}

/** The file name of an artifact in a Maven repository. */
export function artifactFileName(pin: MavenPin): string {
  const { artifactId, version, classifier } = parse(pin.id);
  return `${artifactId}-${version}${classifier ? `-${classifier}` : ''}.jar`;
}

/** The URL of an artifact: in the mirror that TXMSG_MAVEN_MIRROR names, otherwise in Maven's default repository. */
export async function artifactUrl(pin: MavenPin, env: NodeJS.ProcessEnv): Promise<string> {
  const mirror = env.TXMSG_MAVEN_MIRROR;
  const base = mirror ? mirror.replace(/\/*$/, '/') : undefined;
  return mvnArtifactUrl(parse(pin.id), base);
}

function parse(id: string) {
  const [groupId = '', artifactId = '', version = '', classifier] = id.split(':');
  return { groupId, artifactId, version, ...(classifier ? { classifier } : {}) };
}
