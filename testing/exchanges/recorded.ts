import declaration from './vectors/arcade-eval-ref/server';
import add from './vectors/arcade-eval-ref/tools/add';
import echo from './vectors/arcade-eval-ref/tools/echo';
import whoami from './vectors/arcade-eval-ref/tools/whoami';

/** The folder of the server whose exchanges with the Python reference were recorded, from the repository's root. */
export const recordedServer = 'testing/exchanges/vectors/arcade-eval-ref';

/** What it says of itself. */
export const recordedToolkit = {
  name: 'arcade_eval_ref',
  version: declaration.version ?? '',
  description: declaration.description ?? '',
} as const;

/** Its tools by source name. */
export const recordedTools: ReadonlyMap<string, unknown> = new Map(Object.entries({ add, echo, whoami }));
