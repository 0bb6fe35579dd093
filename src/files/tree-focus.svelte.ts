/** The tree can be asked to take the keyboard before there is one on the screen. */
class TreeFocus {
  isWanted = $state(false);
}

export const treeFocus = new TreeFocus();
