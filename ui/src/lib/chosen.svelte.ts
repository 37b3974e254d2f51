// What is chosen in lists that other screens lead to.
export const chosen: { request: string | null } = $state({ request: null });
