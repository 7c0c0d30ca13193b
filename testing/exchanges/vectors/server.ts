// The server whose exchanges with the Python reference are recorded here. Its name is part of them.
export { default as declaration } from './arcade-eval-ref/server';
export { default as add } from './arcade-eval-ref/tools/add';
export { default as echo } from './arcade-eval-ref/tools/echo';
export { default as whoami } from './arcade-eval-ref/tools/whoami';

/** Its folder, beside this file. */
export const folder = 'arcade-eval-ref';
