// Files across the sandbox's edge: what is chosen is read as base64, what is saved goes through the browser's own saving.

import { FILE_MAX_BASE64_LENGTH } from '../core/contract/limits.ts';
import type { SmallFile } from '../core/contract/schemas/common.ts';

export const FILE_MAX_BYTES = (FILE_MAX_BASE64_LENGTH / 4) * 3;

/** Undefined: larger than the contract carries. */
export function readBase64(file: File): Promise<string | undefined> {
  if (file.size > FILE_MAX_BYTES) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error);
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.readAsDataURL(file);
  });
}

function saveBlob(blob: Blob, fileName: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // The download has its own reference once it began.
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function saveFile({ fileName, mediaType, base64 }: SmallFile): void {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  saveBlob(new Blob([bytes], { type: mediaType }), fileName);
}

export function saveText(text: string, fileName: string, mediaType = 'text/plain'): void {
  saveBlob(new Blob([text], { type: `${mediaType};charset=utf-8` }), fileName);
}
