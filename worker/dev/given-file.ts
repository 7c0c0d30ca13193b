import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { contract } from '../contract';

/** The content of a value. */
export interface Content {
  readonly text: string;
  /** The file it was read from. @default - the command line */
  readonly file?: string;
}

/**
 * Reads a file as text, or as Base64 when it is not UTF-8. The path is relative to the caller's folder.
 * @param place the parameter that gets it
 * @throws Problem USAGE for a file that cannot be read, or is larger than a call may be
 */
export function fileAt(place: string, path: string): Content {
  const file = resolve(path);
  try {
    const { size } = statSync(file);
    if (size > contract.bodyBytes) {
      const fix = 'use a smaller file';
      throw new Problem('USAGE', `Cannot send ${file} as "${place}": a call has at most ${contract.bodyBytes} bytes`, {
        fix,
      });
    }
    const bytes = readFileSync(file);
    return { file, text: isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('base64') };
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem(
      'USAGE',
      `Cannot read ${file}, which "${place}" names: ${systemCode(cause) ?? 'it is not a file'}`,
      {
        fix: `name a file, or write ${place}=@@… for text that begins with @`,
        cause,
      },
    );
  }
}
