// A file that the operator chose, read.

export interface ChosenFile {
  readonly fileName: string;
  readonly base64: string;
}
