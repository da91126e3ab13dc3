// Shows that the pages name what exists: files and functions in docs/design.md, test files in docs/failure-tests.md, and
// the targets of relative links in every page.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repoRoot } from './setup.mjs';

/** `path/file.ts`, perhaps `, other.ts` of the same folder, and `: name, other` in backticks. */
const NAMED = /`([\w-]+(?:\/[\w.-]+)+\.ts)`((?:, `[\w.-]+\.ts`)*)(?:: ((?:`[#\w.]+`(?:, )?)+))?/g;
const IN_BACKTICKS = /`([^`]+)`/g;
const LINK = /\]\(([^)\s]+)\)/g;

/** Prints each name that leads nowhere. Returns the exit code. */
export function checkPages() {
  const faults = [...namesInDesign(), ...testFiles(), ...links()];
  for (const fault of faults) console.error(fault);
  if (faults.length === 0) console.log('The pages name what exists.');
  return faults.length === 0 ? 0 : 1;
}

function read(path) {
  return readFileSync(join(repoRoot, path), 'utf8');
}

function inBackticks(text) {
  return [...text.matchAll(IN_BACKTICKS)].map(([, name]) => name);
}

/** A path of a page: from the root, from `packages/`, or from there without `src/`. */
function sourceFile(path) {
  const [first, ...rest] = path.split('/');
  const paths = [path, `packages/${path}`, ['packages', first, 'src', ...rest].join('/')];
  return paths.find((one) => existsSync(join(repoRoot, one)));
}

function namesInDesign() {
  const page = 'docs/design.md';
  return [...read(page).matchAll(NAMED)].flatMap(([, path, others, names = '']) => {
    const file = sourceFile(path);
    if (file === undefined) return [`${page}: there is no file ${path}`];
    const files = [file, ...inBackticks(others).map((other) => join(dirname(file), other))];
    const missing = files.filter((one) => !existsSync(join(repoRoot, one)));
    if (missing.length > 0) return missing.map((one) => `${page}: there is no file ${one}`);
    const text = files.map(read).join('\n');
    const words = new Set(text.match(/#?\w+/g));
    const unknown = inBackticks(names).filter((name) => !name.split('.').every((part) => words.has(part)));
    return unknown.map((name) => `${page}: ${files.join(', ')} has no ${name}`);
  });
}

function testFiles() {
  const page = 'docs/failure-tests.md';
  return read(page)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => specsOf(inBackticks(line.split('|')[2] ?? '')))
    .filter((path) => !existsSync(join(repoRoot, path)))
    .map((path) => `${page}: there is no file ${path}`);
}

/** Test files stand behind their package, or several packages that have the same; others are in `tests/e2e/src`. */
function specsOf(names) {
  const specs = [];
  let folders = ['tests/e2e/src'];
  let afterPackage = false;
  for (const name of names) {
    const isPackage = name.startsWith('packages/');
    if (isPackage) folders = [...(afterPackage ? folders : []), `${name}/src`];
    else if (name.endsWith('.spec.ts')) specs.push(...folders.map((folder) => `${folder}/${name}`));
    afterPackage = isPackage;
  }
  return specs;
}

function links() {
  const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: repoRoot, encoding: 'utf8' });
  return pages
    .trim()
    .split('\n')
    .flatMap((page) =>
      [...read(page).matchAll(LINK)]
        .map(([, target]) => target)
        .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target))
        .map((target) => `${page}: the link ${target} leads nowhere`),
    );
}

function leadsSomewhere(page, target) {
  const [path, anchor] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(repoRoot, file))) return false;
  return anchor === undefined || headings(file).includes(anchor);
}

/** The anchors of a page's headings, as GitHub makes them. */
function headings(page) {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, text]) =>
    text
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
