// Writes rocketmq.lock.json: every jar that RocketMQ needs at run time, with its sha256 and size.
// Needs Maven (`mvn`) on PATH. Usage: pnpm lock:rocketmq [version]
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';

const version = process.argv[2] ?? '5.4.0';
const modules = ['rocketmq-namesrv', 'rocketmq-broker', 'rocketmq-proxy', 'rocketmq-tools'];
const work = mkdtempSync(join(tmpdir(), 'txmsg-lock-'));

try {
  const dependencies = modules
    .map(
      (name) =>
        `<dependency><groupId>org.apache.rocketmq</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`,
    )
    .join('');
  writeFileSync(
    join(work, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>txmsg</groupId><artifactId>lock</artifactId><version>1</version><dependencies>${dependencies}</dependencies></project>`,
  );
  execFileSync(
    'mvn',
    [
      '-q',
      '-B',
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      '-Dmdep.useRepositoryLayout=true',
      '-DoutputDirectory=repo',
    ],
    { cwd: work, stdio: 'inherit' },
  );
  const root = join(work, 'repo');
  const jars = readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.jar'))
    .map((name) => describe(root, name))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const lines = jars.map((jar) => `    ${JSON.stringify(jar)}`).join(',\n');
  writeFileSync(
    new URL('../rocketmq.lock.json', import.meta.url),
    `{\n  "version": ${JSON.stringify(version)},\n  "jars": [\n${lines}\n  ]\n}\n`,
  );
  console.log(`locked ${jars.length} jars of RocketMQ ${version}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Maven coordinates, sha256 and size of one jar in a repository layout. */
function describe(root, name) {
  const parts = relative(root, join(root, name)).split(sep);
  const file = parts.pop();
  const jarVersion = parts.pop();
  const artifact = parts.pop();
  const classifier = file.slice(artifact.length + jarVersion.length + 2, -'.jar'.length);
  const bytes = readFileSync(join(root, name));
  return {
    id: [parts.join('.'), artifact, jarVersion, ...(classifier ? [classifier] : [])].join(':'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
  };
}
