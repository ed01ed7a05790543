// Copying, and whether it was done. Browsers copy for a page only within the user's event, and in a frame only where the
// page around it allows that.

/**
 * Copies what stands in a field; call it within the user's event.
 * @param {HTMLInputElement|HTMLTextAreaElement} field
 * @returns {Promise<boolean>} the browser did it
 */
export async function copyFrom(field) {
  const byHand = () => {
    field.select();
    return document.execCommand('copy');
  };
  if (!navigator.clipboard) return byHand();
  return navigator.clipboard.writeText(field.value).then(() => true, byHand);
}
