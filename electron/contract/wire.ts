import { z } from 'zod';

/** Messages on any wire between client and control room, in both directions. Ids are chosen by the client. */
export const toControl = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: z.number().int(), name: z.string(), args: z.unknown() }).strict(),
  z.object({ kind: z.literal('cancel'), id: z.number().int() }).strict(),
  z.object({ kind: z.literal('subscribe'), id: z.number().int(), name: z.string(), args: z.unknown() }).strict(),
  z.object({ kind: z.literal('unsubscribe'), id: z.number().int() }).strict(),
]);
export type ToControl = z.infer<typeof toControl>;

export const wireError = z.object({ code: z.string(), message: z.string(), hint: z.string(), details: z.unknown().optional() });
export type WireError = z.infer<typeof wireError>;
export const toClient = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('result'), id: z.number().int(), value: z.unknown() }),
  z.object({ kind: z.literal('error'), id: z.number().int(), error: wireError }),
  z.object({ kind: z.literal('item'), id: z.number().int(), value: z.unknown() }),
  z.object({ kind: z.literal('end'), id: z.number().int() }),
]);
export type ToClient = z.infer<typeof toClient>;

/** A wire that carries these messages: MessagePort, ipcRenderer bridge, WebSocket, or an in-process pair. */
export interface Wire<Out, In> {
  send(message: Out): void;
  onMessage(listener: (message: In) => void): () => void;
  onClose(listener: () => void): () => void;
  /** Resolves once the wire can take more; streams wait for it, so that a slow reader gets the newest and not a queue. */
  drained?(): Promise<void>;
  /** Ends the wire from this side. */
  close?(): void;
}
