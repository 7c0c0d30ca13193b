import { add, declaration, echo, folder, whoami } from './vectors/server';
import catalogued from './vectors/worker/tools-three.json';

/** The folder of the recorded server, whose exchanges are those of the Python reference; relative to the repository's root. */
export const recordedServer = `testing/exchanges/vectors/${folder}`;

/** Its toolkit. */
export const recordedToolkit = {
  name: folder.replaceAll('-', '_'),
  version: declaration.version ?? '',
  description: declaration.description ?? '',
} as const;

/** The published name of its toolkit. */
export const recordedName = catalogued.response.body[0]?.toolkit.name ?? '';

/** Its tools by the names of their files. */
export const recordedTools: ReadonlyMap<string, unknown> = new Map(Object.entries({ add, echo, whoami }));
