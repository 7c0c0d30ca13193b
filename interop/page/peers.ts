import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from '../../cli/root';
import { cacheFolder, npmInstall } from '../../testing/processes/cache-folder';
import { endingOf, outputTail, toolMissing } from '../../testing/processes/program';

/** The packages of peers.json, in an ignored folder. @throws Problem TOOL-MISSING when they cannot be had */
export function pagePeers(): Promise<string> {
  const list = join(root, 'interop/page/peers.json');
  return cacheFolder('page-peers', readFileSync(list, 'utf8'), async (empty) => {
    copyFileSync(list, join(empty, 'package.json'));
    await npmInstall(empty, 'install', '--no-package-lock', '--omit=optional', '--legacy-peer-deps');
  });
}

/**
 * Runs a script that drives Debian's Chromium, in a process of its own: Jest would transform the packages.
 * @param script beside this file
 * @returns what it has seen, which it prints as JSON
 * @throws Problem TOOL-MISSING without Chromium, Error with what it said when it fails
 */
export async function seenBy(script: string, ...args: readonly string[]): Promise<unknown> {
  const command = [join(root, 'interop/page', script), await pagePeers(), chromium(), ...args];
  const ending = await endingOf(process.execPath, command);
  if (ending.code !== 0) throw new Error(`${script} ended with ${ending.code}\n${outputTail(ending)}`);
  return JSON.parse(ending.stdout);
}

/** Where Chromium is. @throws Problem TOOL-MISSING */
function chromium(): string {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'chromium'));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw toolMissing('chromium', 'it is in no folder of PATH');
  return found;
}
