// What the station records. Every method is one durable transaction: when it returns, the fact survives a power cut.
// Facts that break an invariant (a second live credential, a reused serial, a state out of order) are refused.

import type {
  Credential,
  IssuedContent,
  NewCredential,
  PreparedContent,
  RecordedKey,
  RevocationReason,
  StoredDigests,
} from '../../domain/credential.ts';
import type { Device, DeviceSerial, DeviceSighting } from '../../domain/device.ts';
import type { CredentialId, OrderId, RunId } from '../../domain/ids.ts';
import type { PasswordUser } from '../../domain/password.ts';
import type { JsonObject, NewRun, Outcome, Phase, Run, RunClosing } from '../../domain/run.ts';
import type { WorkOrder, WorkOrderProgress } from '../../domain/workOrder.ts';

export interface RunJournal {
  /**
   * Opens a run. Refuses: a device serial outside its order (`device_serial_not_in_order`), one that differs from a known
   * one only in case (`device_serial_case_conflict`), an order with nothing left (`order_complete`), a device with a run
   * still open (`device_busy`).
   */
  openRun(run: NewRun): void;
  beginPhase(runId: RunId, phase: Phase, atMs: number): void;
  endPhase(runId: RunId, phase: Phase, atMs: number, outcome: Outcome, evidence?: JsonObject): void;
  /** Binds hardware id and device serial; refuses `hardware_id_taken` and `hardware_id_changed`. */
  recordIdentity(runId: RunId, sighting: DeviceSighting): Device;
  /** Outcome, work-order count and audit entry in one transaction. */
  closeRun(runId: RunId, closing: RunClosing): void;
  openRuns(): readonly Run[];
}

export interface CredentialRecords {
  reserve(credential: NewCredential): void;
  recordKey(id: CredentialId, key: RecordedKey): void;
  recordPrepared(id: CredentialId, content: PreparedContent): void;
  /** Stores the certificate; in the same transaction revokes `supersedes`, so that never two are live. */
  recordIssued(id: CredentialId, issued: IssuedContent): void;
  /**
   * Digests of what is about to be sent, before the first byte; with them the user whose password is among it. From here on
   * the password lives as long as the credential does, and replaces the one that the user had.
   */
  recordInstallIntent(id: CredentialId, digests: StoredDigests, atMs: number, user?: PasswordUser): void;
  recordInstalled(id: CredentialId, atMs: number): void;
  recordVerified(id: CredentialId, atMs: number): void;
  recordSealed(id: CredentialId, atMs: number): void;
  void(id: CredentialId, reason: string, atMs: number): void;
  /** `note` says who or what decided. */
  revoke(id: CredentialId, reason: RevocationReason, note: string, atMs: number): void;
  credential(id: CredentialId): Credential | undefined;
  liveCredential(deviceSerial: DeviceSerial): Credential | undefined;
  credentialsOf(deviceSerial: DeviceSerial): readonly Credential[];
  liveEdgeCredential(serverName: string): Credential | undefined;
  /** The latest moment at which anything was issued: the clock must not run behind it. */
  newestIssuedAtMs(): number | undefined;
  /** Credentials in `reserved`, `prepared`, `issued` or `installed`: what recovery has to decide on. */
  unfinishedCredentials(): readonly Credential[];
}

export interface PasswordRecords {
  /** Where a user's password is kept: on a label, since it was made without a run, or in the device; undefined: the user may not connect. */
  passwordHolder(username: string): 'label' | 'device' | undefined;
}

export interface WorkOrderRecords {
  createOrder(order: WorkOrder): void;
  order(idOrName: string): WorkOrder | undefined;
  orders(): readonly WorkOrder[];
  progress(orderId: OrderId): WorkOrderProgress;
  /** Device serials of the order without a passed run, in the order's sequence. */
  remainingSerials(orderId: OrderId): readonly DeviceSerial[];
}

export interface AuditLog {
  /** Appends one entry to the hash chain. `details` must hold nothing secret. */
  append(entry: {
    readonly act: string;
    readonly actor: string;
    readonly atMs: number;
    readonly details: JsonObject;
  }): void;
}

export interface InventoryPort
  extends RunJournal,
    CredentialRecords,
    PasswordRecords,
    WorkOrderRecords,
    AuditLog {
  device(deviceSerial: DeviceSerial): Device | undefined;
}
