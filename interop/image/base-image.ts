import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../../testing/processes/program';
import { buildah } from './buildah';

/**
 * Builds a replacement for the Node base image from the local Node (20.19 or later), npm and the few programs that
 * `RUN` needs, so that the suite works without an image registry.
 * @param name its name in local storage
 */
export async function makeBaseImage(name: string): Promise<void> {
  const container = await buildah('from', 'scratch');
  try {
    const files = await buildah('mount', container);
    for (const program of ['/bin/sh', '/usr/bin/env', process.execPath]) await copyProgram(program, files);
    const npm = dirname(dirname(realpathSync((await run('which', ['npm'])).trim())));
    cpSync(npm, join(files, npm), { recursive: true });
    symlinkSync(join(npm, 'bin/npm-cli.js'), join(files, 'usr/bin/npm'));
    const certificates = '/etc/ssl/certs/ca-certificates.crt';
    if (existsSync(certificates)) copyFile(certificates, files);
    for (const folder of ['tmp', 'root', 'proc', 'dev', 'sys']) mkdirSync(join(files, folder), { recursive: true });
    await buildah('unmount', container);
    const path = `PATH=/usr/bin:/bin:${dirname(process.execPath)}`;
    const environment = [path, `npm_config_cafile=${certificates}`, 'HOME=/tmp'];
    await buildah('config', ...environment.flatMap((variable) => ['--env', variable]), container);
    await buildah('commit', container, name);
  } finally {
    await buildah('rm', container);
  }
}

/** Copies a program and its shared libraries to the same paths below `files`. */
async function copyProgram(program: string, files: string): Promise<void> {
  copyFile(program, files);
  for (const [, library = ''] of (await run('ldd', [program])).matchAll(/(\/\S+) \(0x/g)) copyFile(library, files);
}

function copyFile(file: string, files: string): void {
  mkdirSync(join(files, dirname(file)), { recursive: true });
  cpSync(realpathSync(file), join(files, file));
}
