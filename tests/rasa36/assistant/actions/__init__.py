"""The custom actions of the bicycle workshop Spoke & Chain."""
