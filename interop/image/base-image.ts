import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildah } from './buildah';

/**
 * Makes an image that stands in for the Node image, out of this machine's own Node, npm and the few programs that
 * `RUN` needs, because no registry of images can be asked here. Node 20.19 or later counts as "the" Node.
 * @param name how the local storage shall call it
 */
export function makeBaseImage(name: string): void {
  const container = buildah('from', 'scratch');
  try {
    const files = buildah('mount', container);
    for (const program of ['/bin/sh', '/usr/bin/env', process.execPath]) copyProgram(program, files);
    const npm = npmFolder();
    cpSync(npm, join(files, npm), { recursive: true });
    writeLauncher(files, npm);
    const certificates = '/etc/ssl/certs/ca-certificates.crt';
    if (existsSync(certificates)) copyFile(certificates, files);
    for (const folder of ['tmp', 'root', 'proc', 'dev', 'sys']) mkdirSync(join(files, folder), { recursive: true });
    buildah('unmount', container);
    buildah('config', '--env', `PATH=/usr/bin:/bin:${dirname(process.execPath)}`, container);
    buildah('config', '--env', `npm_config_cafile=${certificates}`, '--env', 'HOME=/tmp', container);
    buildah('commit', container, name);
  } finally {
    buildah('rm', container);
  }
}

/** The program where it is expected, with the libraries it is linked to. */
function copyProgram(program: string, files: string): void {
  copyFile(program, files);
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
  for (const [, library = ''] of libraries) copyFile(library, files);
}

function copyFile(file: string, files: string): void {
  mkdirSync(join(files, dirname(file)), { recursive: true });
  cpSync(realpathSync(file), join(files, file));
}

function npmFolder(): string {
  return dirname(dirname(realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim())));
}

function writeLauncher(files: string, npm: string): void {
  const launcher = join(files, 'usr/bin/npm');
  execFileSync('ln', ['-sf', join(npm, 'bin/npm-cli.js'), launcher]);
}
