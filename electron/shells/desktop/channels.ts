/**
 * The only channels between preload and main. A page numbers its wires from 1; each message names its wire.
 * Page to main: open(wire), send(wire, message), close(wire). Main to page: message(wire, message), closed(wire).
 */
export const channels = {
  open: 'wire:open',
  send: 'wire:send',
  close: 'wire:close',
  message: 'wire:message',
  closed: 'wire:closed',
} as const;
