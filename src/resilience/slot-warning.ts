/** The code of the warning for a call that waited long for a slot. It says nothing about the answer, so caches leave it out. */
export const slotWarning = "waited_for_slot";
