/** What can be had beside the terminals, besides pages. */
export type Tool = 'files' | 'live';

class SidePane {
  /** Undefined while the open page has the place, or none is open and the terminals have all the room. */
  tool = $state.raw<Tool>();

  toggle(tool: Tool): void {
    this.tool = this.tool === tool ? undefined : tool;
  }
}

export const sidePane = new SidePane();
