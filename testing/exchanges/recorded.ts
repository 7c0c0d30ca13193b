import { add, declaration, echo, folder, whoami } from './vectors/server';
import catalogued from './vectors/worker/tools-three.json';

/** The folder of the server whose exchanges with the Python reference were recorded, from the repository's root. */
export const recordedServer = `testing/exchanges/vectors/${folder}`;

/** What it says of itself. */
export const recordedToolkit = {
  name: folder.replaceAll('-', '_'),
  version: declaration.version ?? '',
  description: declaration.description ?? '',
} as const;

/** The name of its toolkit as the reference publishes it. */
export const recordedName = catalogued.response.body[0]?.toolkit.name ?? '';

/** Its tools by source name. */
export const recordedTools: ReadonlyMap<string, unknown> = new Map(Object.entries({ add, echo, whoami }));
