/** The response header with the instance that answered. */
export const instanceHeader = "storm-instance";
