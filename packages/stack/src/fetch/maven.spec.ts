import { expect, it } from 'vitest';
import { artifactFileName, artifactUrl } from './maven.js';

const pin = { id: 'a.group:an-artifact:1.2', sha256: '', size: 0 };
const path = 'a/group/an-artifact/1.2/an-artifact-1.2.jar';

it('names the file and finds it in a mirror, or in the default repository', async () => {
  expect(artifactFileName(pin)).toBe('an-artifact-1.2.jar');
  expect(await artifactUrl(pin, { TXMSG_MAVEN_MIRROR: 'http://mirror/maven' })).toBe(
    `http://mirror/maven/${path}`,
  );
  expect(await artifactUrl(pin, {})).toMatch(new RegExp(`^https://.+/${path}$`));
});
