import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { contract } from '../contract';

/** What a value is read from. */
export interface Content {
  readonly text: string;
  /** Where it was found. @default - on the command line */
  readonly file?: string;
}

/**
 * What a file has in it, as text; as Base64 when it is no text. The path begins in the folder that the caller stands in.
 * @param place the parameter that it is for
 * @throws Problem USAGE for a file that cannot be read, or that no call may be as long as
 */
export function fileAt(place: string, path: string): Content {
  const file = resolve(path);
  try {
    const { size } = statSync(file);
    if (size > contract.bodyBytes) {
      const fix = 'take a smaller one';
      throw new Problem('USAGE', `Cannot send ${file} as "${place}": a call has at most ${contract.bodyBytes} bytes`, {
        fix,
      });
    }
    const bytes = readFileSync(file);
    return { file, text: isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('base64') };
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('USAGE', `Cannot read ${file}, which "${place}" names: ${systemCode(cause) ?? 'it is no file'}`, {
      fix: `name a file, or write ${place}=@@… for a text that begins with @`,
      cause,
    });
  }
}
