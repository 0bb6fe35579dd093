/** The dialog that is open, if any: they are modal, so there is at most one. */
export type DialogName =
  | 'palette'
  | 'shortcuts'
  | 'reset'
  | 'start-over'
  | 'restart-step'
  | 'delete-image'
  | 'rewind'
  | 'nodes'
  | 'remove-node';

class Dialogs {
  open = $state.raw<DialogName>();

  /** For `bind:open` of one dialog. */
  isOpen(name: DialogName): boolean {
    return this.open === name;
  }

  /** Opens or closes `name`, and leaves another dialog that has opened meanwhile alone. */
  set(name: DialogName, open: boolean): void {
    if (open) this.open = name;
    else if (this.open === name) this.open = undefined;
  }
}

export const dialogs = new Dialogs();
