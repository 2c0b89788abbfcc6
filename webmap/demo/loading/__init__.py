"""The demo's content, step by step, through the product's own operations. Every step may run again."""
